"""Who is 近亲属 (N2 第十四条): spouse, parents, children, siblings, grandparents, grandchildren."""

RELATIONS = {
    "SPOUSE": "配偶",
    "PARENT": "父母",
    "CHILD": "子女",
    "SIBLING": "兄弟姐妹",
    "GRANDPARENT": "祖父母、外祖父母",
    "GRANDCHILD": "孙子女、外孙子女",
}
