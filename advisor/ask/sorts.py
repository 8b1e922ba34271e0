"""Things of one sort that are not one another: trades, ministries, systems, fuels; and whether one stands where a text has another."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from advisor.ask.opposed import word_keys
from advisor.text import CJK

# One sort a line; members are parted by blanks, names of one member by strokes. English names of two words are joined by "_".
_TABLE = """
textile/纺织/棉纺/cotton/weaving garment/服装/成衣/apparel/clothing furniture/家具/家居 machinery/机械 electronics/电子/electronic pharmaceutical/医药/制药/药品/medicine automotive/汽车/汽配/car/auto food/食品 chemical/化工/化学 petrochemical/石化/petroleum steel/钢铁 hardware/五金 ceramics/陶瓷/ceramic toy/玩具 leather/皮革/shoe/鞋 paper/造纸/印刷/printing light_industry/轻工 robot/机器人 shipbuilding/造船/船舶/ship aviation/航空/aerospace jewellery/珠宝/首饰 glass/玻璃 cement/水泥/建材 plastics/塑料/橡胶/rubber battery/电池/锂电 semiconductor/芯片/半导体 optics/光学/眼镜 agriculture/农业/farming fishery/渔业 construction/建筑 logistics/物流 retail/零售 tourism/旅游 mining/采矿/矿山 lock/锁具 valve/阀门 fireworks/烟花 tea/茶 wine/酒 door/木门/门业 bamboo/竹 toys/童车 lighting/灯具/照明 appliance/家电 mould/模具/mold printing_dyeing/印染/dyeing
finance/财政 industry/工信/工业和信息化 tax/税务/revenue commerce/商务/trade_ministry customs/海关 science/科技/科学技术 education/教育 agriculture/农业农村 statistics/统计 health/卫生/卫健 labour/人社/人力资源/labor development_reform/发改/发展改革 market_regulation/市监/市场监管 data_administration/数据局 central_bank/人民银行/央行 environment/生态环境 foreign_affairs/外交 justice/司法 transport/交通 energy/能源局
ministry/部委 bureau/局 department commission/委员会 agency/署 council/国务院 parliament/议会 office/办公室 court/法院
erp mes wms crm plm scada aps qms oa plc srm tms bim cad scm lims
5g wifi/wi-fi bluetooth/蓝牙 4g nfc rfid lora zigbee fibre/光纤
iso_9001/iso9001 iso_14001/iso14001 iso_27001/iso27001 iso_50001/iso50001 iso_45001/iso45001
sparkplug mqtt opc modbus profinet
green/绿色 smart/智能/intelligent digital/数字/数字化 zero-carbon/零碳/低碳/carbon lighthouse/灯塔 shared/共享 unmanned/无人 lean/精益
module/模组 base_station/基站 terminal/终端 gateway/网关 sensor/传感器 camera/摄像头 server/服务器 robot/机器人 drone/无人机 printer/打印机
province/省/provincial city/市/municipal county/县 district/区 town/镇 village/村 nation/国家/national state/州
world/全球/worldwide/global europe/欧盟/欧洲 domestic/国内/本国
east/东部 west/西部 centre/中部 north/北部 south/南部 northeast/东北 northwest/西北 southeast/东南 southwest/西南
little_giant/little-giant/小巨人 single_champion/单项冠军 gazelle/瞪羚 unicorn/独角兽 high-tech/高新技术/hnte specialised/专精特新/specialized lead_firm/龙头/链主 listed/上市
supplier/供应商 customer/客户/顾客 worker/工人/员工/操作工 manager/经理/厂长/management consultant/顾问 bank/银行 insurer/保险公司 guarantor/担保公司 investor/投资人 auditor/审计 landlord/房东 distributor/经销商 broker/中介 foreman/班长 technician/维修组/技术员
university/大学/学院 bank/银行 association/协会 institute/研究院/研究所 chamber/商会 foundation/基金会 consultancy/咨询公司 operator/运营商 vendor/厂商/服务商 union/工会 court/法院
人民日报/people's_daily 经济日报/economic_daily 光明日报 新华社/xinhua 浙江日报 南方日报 央视/cctv 科技日报 解放日报 晚报
plan/规划/计划/方案 guide/指南 measures/办法 notice/通知 opinion/意见 law/法/act regulation/条例 standard/标准 directive/指令 report/报告 white_paper/白皮书 index/指数 catalogue/目录/list/名录 questionnaire/问卷
water/水/用水 electricity/电/用电/power gas/天然气/燃气 steam/蒸汽 coal/煤 oil/油 hydrogen/氢 solar/太阳能/光伏
productivity/生产率/生产效率 quality/质量 cost/成本 delivery/交付/交货 energy/能耗/能效 revenue/营收/收入 profit/利润 yield/良率/良品率/合格率 defect/不良率/不良品 output/产值/产量 employment/就业 turnover/营业额 waste/废品/浪费
loan/贷款 grant/补助/补贴/subsidy voucher/券 tax_credit/抵免 guarantee/担保 insurance/保险 deduction/扣除 rebate/退税 prize/奖金/award equity/股权 lease/租赁 bond/债券
phishing/钓鱼 malware/恶意软件 ransomware/勒索 spam fraud/欺诈 theft/盗窃
hardware/硬件 software/软件 cloud/云/云服务 training/培训 consulting/咨询 equipment/设备 labour/人工
retrofit/加装 pilot/试点 demonstration/示范 benchmark/标杆 diagnosis/诊断 assessment/评测/评估 audit/审计 certification/认证 acceptance/验收 inspection/检查
ai/人工智能 blockchain/区块链 big_data/大数据 digital_twin/数字孪生 machine_vision/机器视觉 iot/物联网 3d_printing/3d打印 cobot/协作机器人 multi-factor/多因素 segmentation/分段/隔离 backup/备份 encryption/加密 firewall/防火墙
warehouse/仓库/仓储 workshop/车间 office/办公 laboratory/实验室 canteen/食堂 park/园区 cluster/集群 platform/平台 centre/中心/center
federal central/中央 provincial/省级 municipal/市级/市本级 regional/地区
minister/部长 premier/总理 mayor/市长 president/总统 director/主任 governor/省长
small/小型 medium/中型 large/大型 micro/微型
monday tuesday wednesday thursday friday saturday sunday
procurement/采购 production/生产 sales/销售 design/设计 maintenance/维修/设备管理 quality_control/质量管理 scheduling/排产 finance_accounting/财务
morning/上午 afternoon/下午 evening/晚上
boats trucks/卡车 trains/火车 planes/飞机
"""


@cache
def _members() -> tuple[dict[str, tuple[tuple[int, int], ...]], re.Pattern[str], re.Pattern[str]]:
    """Which member of which sorts a name is; and the names that are looked for as letters, longest first."""
    found: dict[str, tuple[tuple[int, int], ...]] = {}
    for n, line in enumerate(_TABLE.strip().splitlines()):
        for m, member in enumerate(line.split()):
            for name in member.split("/"):
                plain = name.replace("_", " ")
                for key in [plain] if " " in plain or re.search(r"[^a-z]", plain) else word_keys(plain):
                    found[key] = (*found.get(key, ()), (n, m))
    chinese = sorted((k for k in found if re.search(f"[{CJK}]", k)), key=len, reverse=True)
    phrases = sorted((k for k in found if re.search(r"[ '0-9-]", k) and k not in chinese), key=len, reverse=True)
    return (
        found,
        re.compile("|".join(chinese)),
        re.compile(rf"(?<![a-z0-9])(?:{'|'.join(map(re.escape, phrases))})(?![a-z0-9])"),
    )


@lru_cache(maxsize=4096)
def _found(text: str) -> frozenset[tuple[int, int]]:
    members, chinese, phrases = _members()
    keys = {*chinese.findall(text), *phrases.findall(text)}
    keys |= {k for w in re.findall(r"[a-z]+", text) for k in word_keys(w)}
    return frozenset(pair for k in keys for pair in members.get(k, ()))


def sorts_swapped(own: str, base: str, everything: str) -> int:
    """How many sorts the folded text has a member of that no source has, while it leaves out one that the base has."""
    mine, theirs, known = _found(own), _found(base), _found(everything)
    put = {n for n, m in mine - known}
    return sum(any(s == n for s, m in theirs - mine) for n in put)
