"""Questions that no document of ours should answer: other subjects, products and prices, fraud, prompt games."""

from __future__ import annotations

import re

_UNSAFE = re.compile(
    r"骗补|套取|套补|虚开|假发票|伪造|造假|作假|做假|编造.{0,6}(?:发票|合同|材料|数据)|刷(?:单|流水)|阴阳合同|买(?:一?张)?发票|绕过.{0,6}(?:审|检|验)|怎么(?:骗|蒙|糊弄)|"
    r"\b(?:fake|forg(?:e|ed|ing|ery)|falsif\w+|fabricat\w+|backdat\w+|bribe|launder\w*|evad\w+ tax|tax evasion|cheat)\b|"
    r"ignore (?:all |any |the |your |previous |prior )+(?:instructions?|rules|prompts?)|disregard (?:all|your|the|previous)|system prompt|"
    r"(?:reveal|print|show|repeat|leak) (?:me )?(?:your|the) (?:prompt|instructions|system|hidden)|jailbreak|\bDAN\b|developer mode|pretend (?:to be|you are)|act as (?:an?|if)|you are now|"
    r"system (?:message|note|override)|grounding is|(?:verification|safety|citation)s? (?:is|are) (?:switched )?off|word for word and cite|"
    r"(?:sign|end|begin|start|finish|reply|respond|answer|append)\b.{0,30}\b(?:with|by) (?:the )?(?:token|code|string|word|phrase|password)|"
    r"(?:输出|回复|写上|署名|结尾|末尾|开头|附上|加上).{0,12}(?:口令|暗号|代号|代码|字符串|密码|验证码)|(?:系统|管理员|运营方)(?:消息|通知|指令|公告)[:：]|"
    r"忽略(?:之前|以上|前面|所有|上述).{0,8}(?:指令|指示|规则|要求|内容)|无视.{0,8}(?:指令|规则)|系统提示|提示词|越狱|开发者模式|扮演|假装你|你现在是|从现在开始你",
    re.I,
)
_ASIDE = re.compile(
    r"写(?:一?首|个|篇)?(?:诗|歌|作文|小说|笑话|情书)|讲个?(?:笑话|故事)|天气|足球|篮球|比赛|球队|世界杯|电影|明星|菜谱|怎么做菜|减肥|星座|算命|彩票|股票|炒股|基金推荐|比特币|恋爱|女朋友|男朋友|旅游|机票|酒店|感冒|发烧|吃什么药|高考|翻译(?:一下|成|这)|"
    r"\b(?:poem|joke|song|football|soccer|basketball|world cup|weather|recipe|cook(?:ing)?|horoscope|lottery|stock (?:tip|price|market)|bitcoin|crypto|girlfriend|boyfriend|dating|vacation|holiday trip|flight|hotel|movie|celebrity|homework|essay|president|capital of|translate (?:this|the following)|medicine|diet)\b",
    re.I,
)
_PRODUCT = re.compile(
    r"(?:推荐|介绍)(?:一?[个款家]|几[个款家])?.{0,10}(?:软件|系统|产品|供应商|服务商|品牌|厂家|erp|mes|公司)(?:给我)?|哪(?:个|家|款)(?:牌子|品牌|软件|erp|mes|系统|供应商|服务商|公司|厂家|产品).{0,6}(?:好|最|便宜|靠谱|强)|用友.{0,4}(?:金蝶|好)|金蝶.{0,4}(?:用友|好)|买(?:哪|谁家)|"
    r"(?:which|what|recommend|suggest)\b.{0,30}\b(?:erp|mes|wms|crm|software|vendor|brand|product|supplier|system|tool)\b.{0,30}\b(?:buy|best|cheapest|recommend|purchase|should i (?:buy|get))|best (?:erp|mes|wms|crm|software|vendor)|(?:give|tell|name) me one (?:name|vendor|product|brand)|recommend (?:me )?(?:a|an|one|some) .{0,20}(?:erp|mes|wms|crm|software|vendor|brand|product|supplier)|\b(?:sap|oracle|kingdee|yonyou|odoo|salesforce)\b.{0,20}\b(?:or|vs|better|price)\b",
    re.I,
)


def refusal(text: str, knows_a_name: bool) -> str | None:
    """`unsafe`, `out_of_scope` or None, from the words alone; what the corpus holds decides the rest."""
    if _UNSAFE.search(text):
        return "unsafe"
    if _PRODUCT.search(text):
        return "product"
    if _ASIDE.search(text) and not knows_a_name:
        return "out_of_scope"
    return None
