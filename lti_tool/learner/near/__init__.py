"""The module "Near me and across borders": what there is around, online and abroad."""
