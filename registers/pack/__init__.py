"""School packs: the folder of files that carries one school in or out (interchange.md).

`files` says which columns each file has, `faults` collects what is wrong, `tables` reads CSV defensively, `school`
reads and writes school.toml and the policies, `people` and `calendar` read their files into plain rows, `marks` judges
marks and amendments as they stream past. Nothing here writes to the database: `actions.importing` does.
"""
