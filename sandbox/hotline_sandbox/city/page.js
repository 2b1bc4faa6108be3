// 12345's own page: orders, the button 签收 that opens the order form of 12315 in a frame, and what the form tells when it is done.
(function () {
  "use strict";
  const byId = (id) => document.getElementById(id);
  let gateway = "";

  async function post(path) {
    const answer = await fetch(path, { method: "POST" });
    return answer.json();
  }

  function button(text, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  }

  async function signFor(regino) {
    const said = await post("/orders/" + regino + "/sign");
    if (!said.url) {
      byId("told").textContent = "没有打开：" + said.msg;
      return;
    }
    const frame = document.createElement("iframe");
    frame.title = "12315 受理页";
    frame.src = said.url;
    byId("window").textContent = "";
    byId("window").appendChild(button("关闭受理页", () => { byId("window").textContent = ""; }));
    byId("window").appendChild(document.createElement("br"));
    byId("window").appendChild(frame);
    draw();
  }

  async function draw() {
    const answer = await fetch("/orders");
    const said = await answer.json();
    if (!answer.ok) {
      byId("told").textContent = said.msg;
      return;
    }
    gateway = said.gateway;
    const wanted = JSON.stringify(said.orders);
    if (byId("orders").dataset.shown === wanted) return;
    byId("orders").dataset.shown = wanted;
    byId("orders").textContent = "";
    for (const order of said.orders) {
      const row = byId("orders").insertRow();
      row.id = order.regino;
      for (const text of [order.regino, order.kind, order.state, order.answer]) row.insertCell().textContent = text;
      const acts = row.insertCell();
      if (order.can_assign) acts.appendChild(button("分派", async () => { await post("/orders/" + order.regino + "/assign"); draw(); }));
      else acts.appendChild(button("签收", () => signFor(order.regino)));
    }
  }

  window.addEventListener("message", (event) => {
    if (event.origin !== gateway || event.data.type !== "hotline-order-saved") return;
    byId("told").textContent = "工单 " + event.data.regino + " 已在受理页提交";
    draw();
  });
  draw();
  setInterval(draw, 1000);
})();
