"""A small layout to test with."""

LAYOUT = """
code: performance
name: {zh: 绩效表（示例）, en: Performance sheet (example)}
evaluation: {zh: 绩效考核, en: Performance evaluation}
document: {zh: 示例文件, en: Example document}
level: county
periods: [month]
columns: [number, title, unit, value, requirement, met, basis, status, evidence, confirmed, note]
rows:
  - heading: {zh: 一、数据, en: 1. Figures}
  - {code: rate, indicator: RATE, title: {zh: 到位率, en: Rate}}
  - {code: cases, indicator: CASES, title: {zh: 案件, en: Cases}}
  - {code: due, element: due, title: {zh: 应到, en: Due}}
  - {code: asked, requirement: RATE, title: {zh: 到位率要求, en: Asked}}
  - {code: practice, text: {zh: 做法, en: Practice}, evidence: true}
"""
