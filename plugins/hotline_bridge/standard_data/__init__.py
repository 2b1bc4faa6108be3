"""Standard data (标准数据): code lists, their versions, and codes that are in no list (specification 4.2.18)."""
