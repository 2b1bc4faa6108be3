"""No DAG: an entry of HOTLINE_CITIES that is wrong shows in Airflow's UI as the import error of this file.

The other DAG files make the DAGs of all other cities meanwhile. 城市配置有误时，在此显示导入错误，其他城市照常运行。
"""

from __future__ import annotations

from hotline_bridge.cities import require_right_cities

require_right_cities()
