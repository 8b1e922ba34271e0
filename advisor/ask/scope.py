"""Questions that no document of ours should answer: other subjects, products and prices, fraud, prompt games."""

from __future__ import annotations

import re
from functools import lru_cache

from advisor.ask.unveil import turned, unveiled

# A word of our field: the firm, its tools and shop floor, its data, the state's money and rules.
FIELD = re.compile(
    r"数字化|数智|智能|信息化|补贴|补助|奖补|贴息|政策|工厂|制造|企业|设备|软件|系统|数据|上云|评测|转型|申报|试点|税|贷款|机器|生产|digital|subsid|grant|voucher|fund|sme|factory|manufactur|software|erp|mes|cloud|data|\bai\b|machine|automation|loan|tax|programme|program|scheme|cyber|plant|production",
    re.I,
)
# The same in the words of the people who work there; weaker, as others use them too.
TRADE = re.compile(
    r"车间|产线|流水线|厂|作坊|门店|小店|公司|老板|员工|工人|师傅|机床|注塑|冲床|数控|焊|模具|五金|服装|纺织|家具|食品|酱|茶|餐|印刷|包装|电池|物流|仓库|库存|盘点|订单|排产|排单|工单|报工|扫码|条码|二维码|质检|良率|次品|返工|停机|保养|维修|电费|能耗|节能|碳|成本|回本|报价单|图纸|发票|开票|报税|出口|客户|供应商|服务商|合同|验收|尾款|到账|垫|奖励|扶持|资助|专项|资金|领钱|补多少|能补|补几|拿钱|名单|入选|资格|级|自测|打分|机器人|传感|网关|联网|网络安全|黑客|病毒|勒索|加密|比特币|中毒|密码|备份|云|大模型|人工智能|电脑|表格|网店|电商|官网|培训|软硬件|自动|国产|标准|认证|护照|法规|条例|办法|通知|细则|贴几个点|利息|"
    r"\b(?:work ?shop|shop ?floor|fore(?:man|men)|tablets?|mill|maker|joiner\w*|carpent\w*|baker\w*|brewer\w*|butcher\w*|cater\w*|restaurants?|tailor\w*|garment\w*|cloth\w*|apparel|textile\w*|furniture|foundry|mou?lds?|tool(?:ing|s)?|cnc|lathe\w*|press(?:es)?|weld\w*|print(?:er|ing|ers)|packag\w*|warehous\w*|inventory|stock|orders?|schedul\w*|spread ?sheets?|excel|paper|bar ?codes?|scann\w*|sensors?|plcs?|robots?|cobots?|downtime|scrap|rework|defects?|maint\w+|energy|electric\w*|power bill|carbon|costs?|payback|invoic\w*|book ?keep\w*|account\w*|payroll|export\w*|customers?|buyers?|suppliers?|vendors?|providers?|contracts?|acceptance|compan\w+|firms?|business\w*|employees|staff|workers|headcount|owner|bonus|rebate|incentive|support|aid|award|apply|applic\w*|eligib\w*|qualif\w*|deadline|level|assess\w*|score|standard|certif\w*|complian\w*|directive|regulation|passport|website|web ?shop|e-?commerce|online|computers?|laptops?|servers?|network\w*|hack\w*|virus|ransom\w*|encrypt\w*|bitcoins?|malware|phish\w*|passwords?|back-?ups?|consultan\w*|train(?:ing|ed)|technolog\w*|tech|upgrad\w*|innovat\w*|r&d|iot|industry|industrial|trade|workflow|paperless|app|apps|system\w*)\b",
    re.I,
)

# --- fraud ----------------------------------------------------------------------------------------

_FRAUD = re.compile(
    r"骗补|骗取|套取|套补|套(?:点|些|出|一笔)(?:补|钱|现|资)|虚开|虚增|虚报|假(?:发票|合同|材料|数据|流水|证|验收|资料)|伪造|造假|作假|做假(?!发(?!票)|睫|肢|花|山|牙)|编造.{0,6}(?:发票|合同|材料|数据)|编(?:几|点|些|个|份|一).{0,6}(?:发票|合同|材料|数据|数字)|"
    r"刷.{0,2}(?:单|流水)|阴阳合同|两套账|买(?:几?一?张)?发票|绕(?:过|开).{0,6}(?:审|检|验|查)|怎么(?:骗|蒙|糊弄)|糊弄.{0,6}(?:专家|验收|审|检查)|(?:回扣|返点|回流).{0,10}(?:怎么|多少|给|拿)|塞(?:个)?红包|打点(?:一下)?.{0,6}(?:专家|领导|关系|评委)|"
    r"\b(?:fake[ds]?|faking|forg(?:e|ed|ing)\b.{0,20}\b(?:invoice|signature|document|paper|date|certificate|contract|receipt|report|record|stamp|data|number|figure)s?|forger(?:y|ies)|falsif\w+|fabricat(?:e|ed|ing) (?!part|metal|steel|shop)|bribe\w*|kickbacks?|money.{0,3}launder\w*|launder\w* (?:the |some |our )?money|evad\w+ tax|tax evasion|cheat(?:ing)?|defraud\w*|scam the|trick the (?:auditor|assessor|inspector|agency|office)s?)\b",
    re.I,
)
# What the same is called where nobody says its name.
_EUPHEMISM = re.compile(
    r"(?:发票|票面|开票|合同|报价|单价|金额|总价|投入|支出|费用|决算).{0,8}(?:开大|开高|开多(?!少|久)|多开|写高|写大|做高|做大|做多|报高|抬高|签高|虚高|往(?:大|高|多)了?(?:里)?(?:开|写|报|做|签)|(?:开|写|报|做|签)得?(?:大|高|多)一?[点些])|"
    r"(?:多开|开大|开高|高开|抬高|做高|做大).{0,4}(?:一?[点些]|几张)?.{0,4}(?:发票|票|合同|金额|价格|报价)|(?:票|发票).{0,4}(?:多开|开大|开高)|"
    r"倒签|(?:日期|时间|合同|发票).{0,8}(?:往前(?:改|写|签|倒|挪|填)|改(?:早|前|到之前)|提前填|写早|签早|开早)|往前(?:签|开|写|倒)(?:一?[点些]|个|几)|补(?:一?[个份张])?以前(?:日期|的日期)|"
    r"挂靠|挂个名|(?:借|租|买)(?:一?[个张份]|用|别人|人家|他人|朋友|兄弟)?.{0,5}(?:资质|证书|名额|执照|名义|壳)|借壳|凑(?:够|齐|足|满|几个|点|些|个)?(?:一下)?(?:人数|人头|社保|专利|发票|票|流水|研发费用?|合同)|"
    r"(?:旧|二手|老|翻新)(?:的)?(?:设备|机器|机床|电脑|产线).{0,8}(?:当成|当作|当|算成|算作|充|冒充|报成|写成|说成|包装成|贴牌成|变成)(?:作|为|是)?.{0,2}(?:新|全新)(?!设备用|机器用)|以旧充新|以次充好|"
    r"(?:走|做)(?:一?[个下])?(?:样子|过场|形式).{0,16}(?:补|验收|钱|评测|等级)|(?:补|验收|钱|评测|等级).{0,16}(?:走|做)(?:一?[个下])?(?:样子|过场|形式)|(?:只|光|就)(?:在纸面上?|纸面上|挂名)|装(?:一?个)?样子|应付(?:一下)?(?:验收|检查|专家)|"
    r"(?:数据|材料|报表|分数|得分|自测|研发费用?|人数|营收|产值|社保|发票|合同|账)(?:.{0,6})(?:做|弄|填|报|写|改|调|P|修)(?:得|的|一下)?(?:漂亮|好看|低|少|小|高|大|多)(?:一?[点些])?|(?:数据|日期|截图|报表)(?:改|动|调|P|修)(?:一下|一改|改|掉).{0,8}(?:过|通过|验收|补|查)|(?:改|动|P|修)(?:一下|改)?(?:数据|日期|截图|报表|发票).{0,12}(?:过|通过|验收|补|查)|"
    r"(?:供应商|服务商|厂家|软件商|卖家|对方).{0,12}(?:返还?|退)(?:还|回|给)?.{0,6}(?:现|点|差价|一部分|一半|给我|给我们|回来).{0,20}(?:发票|补|不|照)|没(?:买|装|上|用|做).{0,10}(?:发票|也能|照样|照报|照领|照补)|"
    r"(?:inflat\w+|pad(?:ding|ded)?|overstat\w+|overinvoic\w+|over-invoic\w+|jack(?:ing)? up|bump(?:ing)? up|pump(?:ing)? up|round(?:ing)? up).{0,24}\b(?:invoices?|bills?|receipts?|quotes?|hours|timesheets?|headcount|costs?)\b.{0,60}|"
    r"\b(?:make|write|issue|send|print|ask\w*|put|have)\b.{0,30}\b(?:invoices?|bills?|receipts?|quotes?)\b.{0,20}\b(?:a bit|a little|somewhat|slightly)? ?(?:higher|bigger|larger|fatter)\b|"
    r"\b(?:count|pass|declare|book|sell|claim|invoice|bill|label|register|present|relabel)\w*\b.{0,30}\b(?:old|used|second-?hand|existing|refurbished)\b.{0,30}\bas (?:if (?:it|they) (?:was|were) )?(?:brand[- ])?new\b|"
    r"\b(?:(?:only|just) on paper|on paper only)\b(?=.*\b(?:grants?|subsid\w+|vouchers?|claim\w*|money|inspect\w+|auditors?)\b)|\b(?:grants?|subsid\w+|vouchers?|claim\w*|money|inspect\w+|auditors?)\b.{0,80}\b(?:(?:only|just) on paper|on paper only)\b|back-?dat\w+|\b(?:put|write|use|change|set)\b.{0,20}\b(?:earlier|older|previous|last year'?s?) date\b|\bdate\b.{0,20}\b(?:earlier than|back to before)\b|"
    r"\bborrow\w*\b.{0,20}\b(?:certificate|licen[cs]e|qualification|staff|employees|headcount|name)s?\b|\bghost (?:employees?|staff|workers?)\b|\bshell company\b.{0,40}\b(?:grant|subsid|claim|apply)|\bnever (?:bought|installed|delivered)\b.{0,40}\b(?:claim|invoice|grant)|\bwithout (?:actually|really) (?:buying|doing|installing)\b|\b(?:don'?t|do not|won'?t|will not|never) (?:actually|really) (?:buy|do|install|use|implement)\b|"
    r"\b(?:supplier|vendor|provider)\b.{0,30}\b(?:pays?|gives?|hands?|refunds?|kicks?)\b.{0,12}\bback\b.{0,40}\b(?:cash|under|quiet|not|without|invoice)\b|\bunder the table\b|\bcook\w* (?:the|our) books\b|\b(?:massage|tweak|fudge|doctor|prettify)\w*\b.{0,24}\b(?:figures|numbers|score|data|results|books)\b|\bhide\b.{0,24}\bfrom (?:the )?(?:auditor|inspector|assessor|tax|agency|office)s?\b|"
    r"\b(?:split|divide)\w*\b.{0,24}\b(?:company|firm|business|invoice)s?\b.{0,30}\b(?:twice|stay under|to qualify as)\b",
    re.I,
)
# Asking for the rule, its guards or its teeth: what an honest firm wants to know of fraud.
_HONEST = re.compile(
    r"被(?:人)?(?:骗|诈骗|坑|黑)(?!补)|收到.{0,6}假|允许|合法|合规|违规|违法|犯法|犯罪|会怎[么样]|会有(?:什么|啥)|怎么(?:处理|处罚|罚)|什么(?:后果|处罚)|(?:会不会|会)被?(?:查|罚|追|处罚|抓|取消|拉黑)|后果|处罚|惩罚|罚(?:款|多少)|怎[么样]?(?:核查|审核|审查|查处|防|识别|发现|举报|认定|界定|避免|辨别)|如何(?:核查|审核|防|识别|查处|认定|举报|避免|辨别)|举报|被骗|防止|防范|杜绝|避免|打击|严查|算不算|算(?:骗|违)|规定|黑名单|追回|退回|收回|上当|真假|假冒|"
    r"\b(?:is|are|would|was) (?:it|this|that|we|they|there)\b.{0,24}\b(?:allowed|legal|permitted|illegal|fraud|an offence|against|a problem|risky)\b|\bmay (?:we|i|a|our)\b|\b(?:does|would|will) (?:it|that|this) count as\b|\bwhat happens (?:if|when|to)\b|penalt\w+|punish\w*|\bfine[sd]?\b|consequences?|detect\w*|prevent\w*|\breport(?:ing)? (?:a|an|the|suspected|someone|fraud)|\bprotect\w*|\bavoid\w*|\bspot\b|recogni[sz]e|guard against|clawed? ?back|\brules? (?:on|about|against|for)\b|\bfell for\b|victim|\b(?:hacked|tricked|scammed|fooled|cheated|defrauded|deceived) by\b|\b(?:by|got|gets?|getting|received?) (?:a |an |some |these |those )?fake\b|accus\w+|suspect\w*|\b(?:got|received|were sent|was sent) (?:a|an|this)\b|phishing|counterfeit\w*|deepfake",
    re.I,
)
# … but not where the wish is to do it unseen.
_UNSEEN = re.compile(
    r"不(?:会)?被(?:发现|查|抓|看出)|(?:查|看|审|验)不出|没人(?:知道|发现|查)|神不知|瞒(?:过|住|着)|躲过|避开(?:审|检|核|监)|避免被?(?:查|发现|抓)|怎么(?:才能)?(?:做|弄|搞|操作)(?:得|的)?(?:像|真|隐)|"
    r"\bwithout (?:getting|being|them|anyone|anybody)\b.{0,12}(?:caught|noticed|noticing|found|detected|knowing|seen)|\b(?:nobody|no one|no-one|not) (?:notices?|finds? out|get(?:ting)? caught|be(?:ing)? (?:caught|detected))|undetected|avoid (?:being )?(?:detection|detected|caught|getting caught)|"
    r"\bhow (?:do|can|could|should|to|would) ?(?:i|we|you|one)? ?(?:best )?(?:fake|forge|falsify|fabricate|bribe|cheat|inflate|pad|backdate|defraud)\b|\bhelp (?:me|us) (?:to )?(?:fake|forge|falsify|inflate|backdate|cheat|pad)\b",
    re.I,
)

# --- prompt games ---------------------------------------------------------------------------------

_OLDER = r"(?:all|any|the|these|those|of|your|my|our|previous|prior|earlier|above|former|preceding|past|existing|initial|original|system|other|safety|about|everything|every|given|company|default)"
_GAME = re.compile(
    rf"\b(?:ignor\w*|disregard|forget|overlook|overrid\w*|bypass|discard|skip|drop|neglect|set aside|pay no attention to)\s+(?:{_OLDER}\s+)*(?:(?:your|my|previous|prior|earlier|above|former|preceding|past|initial|original|system|safety|given)\s+(?:{_OLDER}\s+)*(?:instruct\w*|rules?|prompts?|directives?|guidelines?|commands?|orders?|restrictions?|constraints?|messages?|limits?|text)\b|all (?:the |of the |of )?(?:instruct\w*|prompts?|directives?|commands?)|the (?:(?:instructions|prompt|directives) (?:above|before|you|that|given)|above\b))|"
    r"\b(?:ignor\w*|disregard|forget|overlook)\b.{0,20}\b(?:everything|every ?thing|everthing|anything|all|whatever)\b.{0,24}\b(?:told|said|instructed|learned|above|before|written)\b|"
    r"\b(?:reveal|print|show|repeat|leak|output|display|dump|tell|give|recite|what(?:'s| is| are| were))\b(?: me| us| out)?(?: all| exactly| verbatim)*(?: of)? (?:your|the|its) (?:\w+ )?(?:system prompt|prompt|hidden \w+|initial (?:instructions|prompt)|system (?:message|instructions)|secret (?:key|password|word)|secret|confidential (?:instructions|prompt))\b|\bsystem prompt\b|\byour (?:secret )?pass(?:word|code|phrase)s?\b|\bthe user(?:'s)? (?:currently |now )?(?:email|birth|password|initials|liv\w+|home|location)\b|\bconfirm the password\b|your (?:own )?(?:secret|hidden|internal|original|initial|exact) (?:instructions|prompt|rules|key|system|password)|\byour instructions\b|"
    r"jailbr[eo]a?k\w*|(?-i:\bDAN\b)|\bdo anything now\b|\bdeveloper mode\b|\b(?:god|debug|admin|unrestricted|opposite) mode\b|"
    r"(?:^|[.!?:;,\n]\s*|\bplease |\bnow )(?:act|behave|respond|answer|talk|speak) (?:as|like) (?:if you|though you|an? (?:ai|bot|model|assistant|person|pirate|hacker|expert who|unrestricted|character)|my )|\bpretend (?:that )?(?:to be (?:an?|my|the)|you|we are)|\b(?:let'?s|we) (?:play|start) a (?:game|role)|\brole-?play(?:ing)?\b|\byou are now\b|\bfrom (?:now|here) on,? you\b|\byou (?:have|are under) no (?:rules|restrictions|limits)\b|\bwithout any (?:rules|restrictions|filters|limits)\b|\bnew (?:instructions|rules) for you\b|"
    r"\bsystem (?:message|note|override)\b|\b(?:override|maintenance) mode\b|<system|\bas an ai (?:developed|made|trained|model)|\bi'?m your (?:developer|creator|operator|admin)|\badmin(?:istrator)? (?:override|message|command)|grounding is|(?:verification|safety|citation|filter|grounding)s? (?:is|are|has been) (?:switched |turned )?(?:off|disabled)|word for word and cite|</?(?:system|assistant|question|instructions?)>|\[/?inst\]|<\|im_(?:start|end)\|>|###? ?(?:system|instruction)|"
    r"(?:sign|end|begin|start|finish|reply|respond|answer|append|print|output|say|close)\b.{0,30}\b(?:with|by) (?:the )?(?:token(?! of)|code word|codeword|code [A-Z0-9]|string|word [A-Z\"'“]|phrase|password|sentence)|\b(?:print|output|write|say|include|repeat)\b.{0,16}\b(?:the )?(?:token|string|password|code ?word|passphrase)\b(?! of)|\bdecode\b.{0,60}\b(?:follow|execute|obey|do (?:it|what))\b|\b(?:hexadecimal|base ?64|rot-?13|morse)\b|"
    r"(?:输出|回复|写上|署名|结尾|末尾|开头|附上|加上|打印|念出|说出).{0,12}(?:口令|暗号|代号|(?<!信用)(?<!行业)(?<!分类)(?<!机构)(?<!产品)代码(?!证)|字符串|密码|验证码)|(?:系统|管理员|运营方|开发者)(?:消息|通知|指令|公告|提示)?[:：]|【系统|(?:系统|管理员)(?:指令|覆盖)|"
    r"(?:忽略|忽视|无视|忘记|忘掉|抛开|不(?:用|要)(?:管|理会|遵守)|跳过|作废)(?:掉)?(?:你)?(?:之前|以上|前面|先前|所有|上述|上面|一切|全部|你|原来|此前|任何|系统)(?:的|所有|全部|一切|给你|收到)*.{0,8}(?:指令|指示|规则|要求|设定|命令|限制|提示|规定|教|训练)|(?:无视|解除|取消|关闭|突破).{0,8}(?:指令|规则|限制|安全|过滤|审查)(?:模式|吧|[,，。!！]|$)|"
    r"你(?:的|们的)?.{0,4}(?:系统)?提示词|系统提示(?:词|[】\]:：])|(?:打印|输出|显示|泄露|告诉我|复述|给我看).{0,8}(?:提示词|系统提示|系统指令|初始指令|隐藏指令|内部指令|你的指令)|越狱|开发者模式|调试模式.{0,12}(?:输出|打印|忽略)|(?:请|你|来|我们|现在)(?:来)?扮演|扮演(?:一?[个位名]|我)|角色扮演|假装(?:你|自己|资料|文件|没有)|你现在(?:就)?是|从现在(?:起|开始)[,，]?你|你(?:没有|不受)任何(?:限制|规则|约束)|没有任何限制|解码.{0,16}(?:执行|照做|照着)|当作引用|"
    r"\bignorez\b.{0,30}\binstructions|\bignora\b.{0,30}\b(?:instrucciones|istruzioni)|\bignorier\w*\b.{0,40}\b(?:anweisung\w*|regeln|vorgaben)|\bignore as instru\w+|\boubli\w+\b.{0,30}\binstructions|\bolvida\b.{0,30}\binstrucciones|\bvergiss\b.{0,40}\banweisung\w*|игнорируй|забудь.{0,30}инструкци|(?:指示|命令|プロンプト).{0,6}(?:無視|无视)|이전.{0,10}(?:지시|명령)|\bhu ?l[uüv]e\b.{0,20}\b(?:zhiling|zhishi|guize)|تجاهل|अनदेखा",
    re.I,
)
_TURNED_GAME = re.compile(
    r"\b(?:ignore|disregard|forget) (?:all|previous|your|the|any|prior)\b|system prompt|忽略(?:之前|以上|所有)", re.I
)

# --- other subjects -------------------------------------------------------------------------------

# Wished for as a piece of work: no word of our field in it makes it ours.
_ERRAND = re.compile(
    r"写(?:一?首|一?[个篇段封]|几句|点)?.{0,6}(?:诗|歌|作文|小说|笑话|情书|顺口溜|对联|祝福|贺词|悼词|朋友圈|文案|演讲稿|小红书)|讲个?(?:笑话|故事)|世界杯|彩票|股票|炒股|基金推荐|高考|中考|星座|算命|女朋友|男朋友|谈恋爱|翻译(?:一下|成|这|下面)|(?:帮|替|给|代|请)(?:我|我们|咱们?)?(?:代)?(?:写(?![明清到进上])|起草|拟|编写|撰写)(?:一?[份篇封个])?.{0,16}(?:申报书|申请书|申请表|申请材料|申报材料|可行性报告|方案书|计划书|合同|总结|报告)|(?:帮|替|给|代)(?:我|我们|咱们?).{0,6}(?:申报表|申请表|申报书|申请书|报名表).{0,3}(?:填|写|交|递)(?!.{0,4}(?:怎么|哪))|帮我翻译|(?:今天|明天|后天|周末|这几天).{0,6}天气|天气(?:怎么样|预报|如何)|"
    r"(?:^|[.!?] |\bplease |\b(?:can|could|will|would) you (?:please )?|\bhelp (?:me|us) (?:to )?)(?:write|draft|compose|fill (?:in|out)) .{0,24}\b(?:application|proposal|report|business plan|contract|form|letter|notice|e-?mail|speech)s?\b|\b(?:write|compose|draft|give me|make|tell me|sing|create)\b.{0,24}\b(?:poem|haiku|limerick|jokes?|song|lyrics|love letter|novel|bedtime story|rap|condolence|birthday)\b|\bworld cup\b|\bhoroscope\b|\blottery\b|\bstock (?:tip|price|pick)s?\b|\bgirlfriend\b|\bboyfriend\b|\btranslate (?:this|the following|it|into|my)\b|\bcapital of [A-Z]|\bmy homework\b|\bwho won\b|\bweather (?:in|like|today|tomorrow|forecast)\b|\bwhat(?:'s| is) the weather\b",
    re.I,
)
# Subjects that belong to a firm of that trade as well; another word of our field makes them ours.
_ASIDE = re.compile(
    r"天气|足球|篮球|比赛|球队|电影|明星|菜谱|怎么做菜|做饭|减肥|恋爱|旅游|机票|(?:推荐|订|附近|哪家|找).{0,8}(?:酒店|饭店|餐馆)|好吃|感冒|发烧|头疼|吃什么药|(?:买|炒|投资).{0,4}比特币|比特币.{0,6}(?:价|行情|涨|跌|能买)|房价|装修|婚礼|打呼|失眠|孩子|"
    r"\b(?:poem|joke|song|football|soccer|basketball|weather|recipes? (?:for|of)|cook(?:ing)?|buy bitcoins?|crypto|dating|vacation|holiday trip|flights?|movies?|celebrity|homework|essay|president|diet|medicine|headache (?:pill|tablet|remed)\w*|(?:have|had|got) a (?:bad )?headache|wedding|birthday|funeral|dog|cat|guitar|visa|marathon)\b|\b(?:recom\w*|book|best|nice|good|near\w*|which)\b.{0,30}\b(?:hotels?|restaurants?|resturants?)\b",
    re.I,
)

# A firm's other worries: labour law, rent, customs, private money. They use the words of our field and are not of it.
_BESIDE = re.compile(
    r"加班费|工伤.{0,8}(?:赔|认定|鉴定|保险|待遇|算不算|怎么(?:办|算|报))|辞退|裁员赔|产假|怀孕|二胎|试用期|社保.{0,6}(?:补缴|断|基数)|离婚|遗产|月租|房东|涨租|房贷|关税|食堂(?!承包|公司|企业|系统|数字)|卫生许可|招聘?.{0,10}广告|年会|抽奖|礼品|生日|增值税.{0,6}车|商务车|工资(?:写|开|发|给)|"
    r"\bmaternity\b|\blandlord\b|\bovertime pay\b|\bdivorc\w+|\bcustoms dut(?:y|ies)\b|\bimport tariffs?\b|\bgoing rate for\b|\bhourly wage\b|\b(?:which|what) (?:stocks|shares)\b|\bgold or shares\b|\bcompany car\b|\bsells? (?:her|his|my) (?:flat|house)\b|\bsea transport\b|\bhow old are you\b",
    re.I,
)

# --- products and prices --------------------------------------------------------------------------

_THING = r"(?:erp|mes|wms|crm|plm|scada|aps|oa|hr|cad|cam|bi|tms|srm|qms|pos|saas|ai|cloud|software|vendor|brand|product|supplier|provider|system|tool|app|platform|package|program|gateway|sensor|plc|robot|cobot|machine|scanner|printer|laptop|server|antivirus|firewall|chatbot|model)s?"
_MAKERS = r"(?:sap|oracle|kingdee|yonyou|odoo|salesforce|netsuite|microsoft dynamics|dynamics 365|business central|sage|xero|quickbooks|datev|lexware|zoho|hubspot|infor|epicor|siemens|fanuc|kuka|schneider|rockwell|aws|azure|alibaba cloud|aliyun|tencent cloud|huawei cloud|dingtalk|feishu|lark|wecom|chatgpt|copilot|deepseek)"
_MAKERS_ZH = r"(?:用友|金[蝶碟]|浪潮|鼎捷|管家婆|速达|畅捷通|钉钉|飞书|企业微信|阿里云|腾讯云|华为云|西门子|发那科|库卡|海康|汇川|黑湖|智邦|简道云|明道云|百度云|豆包|文心|通义|SAP|Oracle|Odoo|Salesforce)"
_GOODS_ZH = r"(?:软件|系统|产品|供应商|服务商|品牌|牌子|厂家|平台|erp|mes|wms|crm|plm|scada|aps|oa|机器人|网关|传感器|云(?!的|呢|上|还)|工具|模型|大模型|代账|机床|相机|扫码枪|服务器|杀毒)"
_PRODUCT = re.compile(
    rf"(?:推荐|安利|介绍)(?:一?下)?(?:一?[个款家套种]|几[个款家套种]|哪[个款家套]|个|款|家).{{0,14}}{_GOODS_ZH}|推荐.{{0,10}}{_GOODS_ZH}(?:吗|呗|吧|一下|给我|[?？。!！]|$)|{_GOODS_ZH}.{{0,8}}(?:推荐|安利)(?:一?下|一?[个款家]|哪|几|吗|呗|吧|[?？。]|$)|"
    rf"哪(?:一)?(?:个|家|款|种|套)(?:的)?.{{0,6}}{_GOODS_ZH}.{{0,8}}(?:好(?!处)|最|便宜|靠谱|强|性价比|划算|好用)|{_GOODS_ZH}.{{0,4}}哪(?:个|家|款)(?:的)?.{{0,4}}(?:好(?!处)|最|便宜|靠谱|强|划算)|{_GOODS_ZH}.{{0,4}}(?:谁家|什么(?:牌子|品牌))|买(?:哪|谁家)|(?:用|选|上)(?:谁家|哪家)(?:的)?{_GOODS_ZH}?|"
    rf"{_MAKERS_ZH}.{{0,6}}(?:和|跟|与|还是|比).{{0,6}}{_MAKERS_ZH}|{_MAKERS_ZH}.{{0,14}}(?:哪个|好不好|好用|靠谱|怎么样|多少钱|价格|报价|收费|贵不贵|一年|便宜)|(?:给|报|说)(?:我)?(?:个|一个|一下)?(?:牌子|品牌|报价|型号|厂家名)|"
    rf"(?:which|what|recommend|suggest|name)\b.{{0,30}}\b{_THING}\b.{{0,30}}\b(?:(?<!\bwe )(?<!\bi )buy|best|cheapest|better|recommend|(?<!\bwe )(?<!\bi )purchase|should (?:i|we) (?:buy|get)|do you (?:recommend|suggest))\b|\b(?:best|cheapest|(?<!on )top) (?:[\w-]+ ){{0,3}}{_THING}\b(?! (?:practice|way))|(?:give|tell|name) me (?:one|a|the) (?:name|vendor|product|brand)|\b(?:recommend|suggest) (?:me |us )?(?:a|an|one|some|any|good) .{{0,20}}\b{_THING}\b|\b(?:do|can|could|would) you (?:recommend|suggest)\b.{{0,40}}\b{_THING}\b|"
    rf"\b{_MAKERS}\b.{{0,24}}\b(?:or|vs\.?|versus|better|price[sd]?|pricing|cost|costs|expensive|cheaper|worth|good|compared)\b|\b(?:better|cheaper|price of|cost of|how much (?:is|does|for)|compare|pricing|versus|vs\.?)\b.{{0,24}}\b{_MAKERS}\b",
    re.I,
)


# Kinds of software and machines by what people call them; makers stand for what they are known for.
_GOODS: tuple[tuple[str, str], ...] = (
    ("MES", r"(?<![a-z])mes(?![a-z])|车间系统|车间管理|报工系统|生产管理系统|shop[- ]floor (?:system|software)|production (?:system|software)|黑湖"),
    ("WMS", r"(?<![a-z])wms(?![a-z])|仓库|仓储|库存|warehouse|inventory|stock (?:software|system)"),
    ("PLM", r"(?<![a-z])plm(?![a-z])|图纸|(?<![a-z])cad(?![a-z])|(?<![a-z])cam(?![a-z])|drawing"),
    ("SCADA", r"(?<![a-z])scada(?![a-z])|设备监控|组态"),
    ("energy", r"能源|能耗|节能|电表|energy|\bmeters?\b|solar|光伏"),
    ("security", r"杀毒|防火墙|网络安全|antivirus|firewall|security"),
    ("AI", r"(?<![a-z])ai(?![a-z])|人工智能|大模型|模型|chat ?bot|chatgpt|copilot|deepseek|豆包|文心|通义|视觉检测|vision"),
    ("cloud", r"云|cloud|(?<![a-z])aws(?![a-z])|(?<![a-z])azure(?![a-z])|(?<![a-z])saas(?![a-z])|服务器|server"),
    ("machines", r"网关|传感|采集|机床|设备|gateway|sensors?|\bplcs?\b|robots?|cobots?|machines?|机器人|西门子|发那科|库卡|汇川|siemens|fanuc|kuka"),
    ("ERP", r"(?<![a-z])erp(?![a-z])|进销存|财务软件|记账|代账|accounting|book-?keeping|payroll|(?<![a-z])crm(?![a-z])|order(?:ing)? (?:software|system)|用友|金蝶|浪潮|鼎捷|管家婆|速达|畅捷通|智邦|\b(?:sap|oracle|kingdee|yonyou|odoo|netsuite|dynamics|sage|xero|quickbooks|datev|infor|epicor)\b"),
)  # fmt: skip
_GOODS_COMPILED = tuple((kind, re.compile(pattern, re.I)) for kind, pattern in _GOODS)


def kinds_of_goods(text: str) -> tuple[str, ...]:
    """The kinds of software or machines of which a product was asked for, at most two.

    >>> kinds_of_goods("Is Odoo better than SAP?")
    ('ERP',)
    """
    return tuple(kind for kind, pattern in _GOODS_COMPILED if pattern.search(text))[:2]


def is_unsafe(text: str) -> bool:
    """A wish to defraud or a prompt game, in whatever disguise; an honest question about the rule is neither."""
    readings = unveiled(text)
    if any(_GAME.search(r) for r in (text, *readings)) or any(_TURNED_GAME.search(r) for r in turned(text)):
        return True
    return any(_is_fraud(r) for r in readings)


def _is_fraud(text: str) -> bool:
    if not (_FRAUD.search(text) or _EUPHEMISM.search(text)):
        return False
    return bool(_UNSEEN.search(text)) or not _HONEST.search(text)


def speaks_of_the_field(text: str) -> bool:
    """Whether any word of it is one of ours, as the office or as the shop floor says it."""
    return bool(FIELD.search(text) or TRADE.search(text))


@lru_cache(maxsize=1024)
def refusal(text: str, knows_a_name: bool) -> str | None:
    """`unsafe`, `product`, `out_of_scope` or None, from the words alone; what the corpus holds decides the rest."""
    if is_unsafe(text):
        return "unsafe"
    if _ERRAND.search(text) or _BESIDE.search(text):
        return "out_of_scope"
    if _PRODUCT.search(text):
        return "product"
    if _ASIDE.search(text) and not (knows_a_name or FIELD.search(text)):
        return "out_of_scope"
    return None
