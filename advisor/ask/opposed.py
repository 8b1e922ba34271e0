"""Words that turn each other round: rise and fall, grant and refuse, 公开 and 保密; and whether two texts differ by them."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from advisor.text import CJK, STOP_EN, tokens

# One pair a line, both languages mixed; English words stand for all their forms, so a noun and its verb are listed together.
_TABLE = """
增加 增长 上升 上涨 提高 提升 扩大 扩张 涨 多出 increase rise rose grow grew growth gain raise climb expand upward | 减少 下降 下滑 降低 缩减 缩小 削减 压缩 跌 少了 整合 decrease fall fell decline drop cut reduce reduction shrink loss downward
高 较高 更高 high higher highest | 低 较低 更低 low lower lowest
多 更多 较多 more most many | 少 更少 较少 less least few fewer
大 大型 更大 large larger big bigger great | 小 小型 更小 微型 small smaller little micro
长 更长 延长 long longer lengthen prolong | 短 更短 缩短 short shorter shorten
快 更快 加快 迅速 fast faster quick quicker quickly rapid speed | 慢 更慢 放慢 缓慢 slow slower slowly
强 更强 加强 strong stronger strict stricter strengthen | 弱 更弱 削弱 宽松 weak weaker weaken lenient looser
便宜 低价 低成本 cheap cheaper inexpensive affordable | 贵 昂贵 高价 太贵 expensive dear costly
好 更好 改善 改进 优 well better improve improvement good | 差 更差 恶化 poorly worse worsen bad poor
容易 简单 方便 easy easier easily simple | 困难 难以 复杂 不易 difficult hard harder complex complicated
允许 准许 许可 可以 能够 得以 allow permit may can able | 禁止 严禁 不得 不准 不许 不能 无法 forbid forbidden prohibit ban bar cannot unable
批准 通过 同意 接受 受理 采纳 approve accept agree admit grant | 拒绝 驳回 否决 退回 不批 不受理 refuse reject deny decline oppose
支持 赞成 鼓励 欢迎 support back encourage welcome favour | 反对 阻止 劝阻 抵制 限制 oppose discourage resist against
获得 得到 拿到 取得 领取 享受 收到 get got receive obtain win won gain secure | 失去 落选 丢 错过 拿不到 得不到 无缘 lose lost miss forfeit
给予 发放 拨付 提供 补助 奖励 give gave pay paid award provide fund grant | 收回 追回 扣除 扣减 收取 索取 没收 recover withhold withheld clawback charge deduct
包括 包含 涵盖 含 在内 纳入 计入 算入 include including cover count | 排除 不含 不包括 除外 之外 以外 不算 不计 剔除 exclude excluding except omit leave outside
有 具有 具备 拥有 存在 have has own hold exist | 没有 缺乏 缺少 欠缺 无 lack without none absent missing
增设 新增 设立 建立 成立 add create establish found build built set | 取消 撤销 撤掉 废除 废止 拆除 abolish cancel scrap remove withdraw withdrew dissolve revoke dismantle
开始 启动 开工 动工 着手 begin began begun start launch open commence | 结束 停止 终止 完工 截止 收尾 end finish stop cease close terminate halt
继续 仍 仍然 仍旧 依旧 保持 照常 延续 沿用 continue still remain keep kept stay retain maintain persist | 停 停办 停发 不再 中断 中止 放弃 discontinue drop abandon cease interrupt
开放 公开 可见 透明 open public publish disclose | 关闭 封闭 保密 秘密 内部 隐瞒 closed shut secret confidential private conceal hide hidden
有效 生效 现行 valid effective force binding | 无效 失效 作废 过期 到期 invalid void expire lapse
必须 务必 强制 硬性 must mandatory compulsory obligatory oblige force require | 自愿 任选 可选 随意 不必 无须 无需 voluntary optional free choose needless
建议 推荐 倡议 最好 advise recommend suggest should | 强制 规定 命令 oblige order compel
正式 定稿 最终 final formal official definitive | 草案 草稿 征求 初稿 试行 draft provisional tentative
计划 预计 预期 预测 估计 目标 打算 准备 拟 将要 plan expect forecast predict estimate aim intend target goal hope will | 已经 已 实际 实测 完成 实现 达成 做到 already actual actually measured achieved completed reached done
首次 第一 最先 首先 先 起先 头 first initially begin earliest | 最后 末尾 最终 末 后 最末 垫后 收尾 last finally lastly end latest
之前 以前 事前 事先 预先 提前 before prior advance beforehand earlier until ahead | 之后 以后 事后 过后 随后 拖后 after afterwards later following since subsequently
全部 所有 全体 一律 统统 整个 all every whole entire entirely full fully everyone | 部分 一些 有的 个别 少数 某些 some part partly partial several few certain
全部 全面 完全 彻底 fully complete completely entirely wholly | 局部 部分 逐步 partly partially gradually
多数 大多 大部分 多半 通常 一般 往往 经常 majority mostly mainly usually often generally | 少数 极少 很少 罕见 偶尔 minority rarely seldom hardly occasionally
总是 始终 一直 always constantly ever | 从不 从未 偶尔 有时 never sometimes occasionally
至少 不低于 不少于 起码 最低 最少 下限 以上 least minimum floor above | 至多 不超过 不高于 最高 最多 上限 封顶 以下 以内 maximum ceiling cap limit below
超过 高于 多于 大于 突破 逾 exceed above over beyond surpass | 不到 不足 低于 少于 小于 未满 below under short
仅 只 只有 仅仅 仅限 唯一 单独 only solely exclusively alone merely | 不仅 不止 不只 不限 还有 也 同样 均 都 also both too
直接 direct directly straight | 间接 转交 经由 通过 中转 indirect indirectly via through
自动 automatic automatically automated | 人工 手动 手工 人手 manual manually hand
线上 在线 网上 远程 联网 online remote remotely | 线下 现场 当面 离线 offline onsite site person
连接 打通 连通 互联 联网 合并 connect link join integrate merge | 隔离 隔开 分开 断开 分段 切断 独立 disconnect isolate separate segregate split apart
统一 集中 共同 联合 一起 uniform common joint jointly together central same | 分散 各自 分别 单独 不同 separate separately individual own different
相同 一致 一样 相等 同等 same equal identical alike agree | 不同 不一 差异 有别 各异 different differ differently various disagree
国内 境内 本国 本地 本市 本省 domestic local home inside within | 国外 境外 海外 外国 外地 外省 foreign abroad overseas outside
公共 政府 国有 public government state | 私人 民营 企业 自筹 private privately
免费 无偿 免 免收 free gratis exempt | 收费 付费 有偿 自费 缴费 缴 charge fee paid pay
免税 免征 tax-free exempt | 应税 征税 课税 taxable taxed subject
盈利 赚 赚钱 利润 profit profitable surplus earn | 亏损 亏 赔 赔钱 loss unprofitable deficit
成功 顺利 达标 合格 通过 succeed success successful pass meet qualify compliant | 失败 落空 未果 不达标 不合格 fail failure unsuccessful disqualify
安全 可靠 稳定 稳 safe secure reliable stable steady | 危险 不稳 脆弱 风险 unsafe risky unreliable unstable unsteady vulnerable
正确 准确 真实 对 correct right accurate true truth truthful | 错误 不准 虚假 混乱 错 wrong incorrect inaccurate false untrue muddled
清楚 明确 清晰 写明 注明 查明 clear clearly plain state specify specified known | 不清 不明 含糊 模糊 混乱 未注明 unclear vague unknown obscure
适合 适用 合适 适宜 宜 suit suitable apply applicable fit appropriate | 不适合 不适用 不宜 unsuitable inapplicable unfit inappropriate
重要 关键 核心 首要 重点 优先 important key core essential vital priority | 次要 其次 一般 无所谓 不重要 minor secondary unimportant unnecessary trivial
必要 需要 必需 用得着 necessary need needed require | 不必要 多余 无需 不用 用不着 unnecessary superfluous needless dispensable spare
增值 有用 有益 受益 useful helpful benefit benefits worth | 无用 没用 无益 受损 useless harmful harm worthless
保留 留下 保存 留用 保住 keep kept retain preserve save | 删除 去掉 删去 淘汰 抛弃 扔 delete remove discard replace eliminate
新 新建 全新 new newly | 旧 老 原有 二手 old used second-hand former existing
更新 替换 更换 顶替 取代 代替 replace substitute supersede instead | 配合 补充 搭配 保留 supplement complement alongside addition
增加 补上 添 外加 additionally add plus top | 代替 取代 instead replace lieu place
单个 单一 一次 single one once individual | 多个 多次 反复 若干 年年 multiple several repeated repeatedly many
一次性 one-off once lump | 每年 按月 分期 年年 逐年 annual yearly monthly recurring instalments
外部 外来 外包 external outside outsource | 内部 自有 自主 自建 自研 internal inside in-house own
买 购买 采购 购入 现成 buy bought purchase acquire ready-made | 卖 出售 自制 自研 租 sell sold rent lease make made
借 贷 borrow loan lend | 还 偿还 清偿 repay return
上级 国家级 中央 国家 central national federal | 下级 省级 市级 地方 provincial municipal regional local
东部 东 east eastern | 西部 西 west western
南部 南 south southern | 北部 北 north northern
上 上升 向上 up upper upstream | 下 下降 向下 down lower downstream
前 前者 former front | 后 后者 latter back rear
赢 领先 前列 领先者 lead leader leading pioneer ahead | 输 落后 末位 追赶 lag behind laggard trail
认可 承认 证实 核实 确认 recognise recognize confirm verify verified prove | 否认 未核实 待核实 未证实 存疑 deny unverified unconfirmed doubtful disputed
遵守 履行 符合 comply follow observe obey | 违反 无视 忽视 绕过 跳过 不顾 violate breach ignore bypass skip disregard
参加 加入 进入 入选 join enter participate enrol take | 退出 离开 退 出局 leave left quit exit withdraw
保护 防止 避免 预防 protect prevent avoid guard | 暴露 造成 引起 导致 危害 expose cause trigger endanger
依赖 绑定 束缚 捆绑 depend dependent rely tie bind lock | 独立 摆脱 解脱 自由 independent free independence release
义务 责任 duty obligation liable must | 权利 权 自由 right entitlement entitled freedom
申请 报名 申报 apply application submit | 撤回 撤销 退出 withdraw retract
投入 花费 支出 花 spend spent invest expenditure cost | 节省 省 节约 结余 收入 save saving income revenue receive
创造 新增 创出 create created generate produce | 裁减 流失 毁 裁 lose lost destroy cut shed
主动 积极 愿意 乐意 willing active actively eager keen | 被动 消极 不愿 不肯 unwilling passive reluctant
满意 认同 肯定 satisfied happy content praise | 不满 抱怨 批评 dissatisfied unhappy complain criticise
知道 了解 清楚 看到 know aware see recognise understand | 不知 看不到 不清楚 忽略 unaware overlook unknown ignorant
同时 并行 一齐 一次 simultaneously parallel concurrent once | 依次 先后 逐个 分步 successively turn step stepwise gradually
详细 具体 detailed specific concrete | 笼统 粗略 大概 general rough vague
定期 规律 固定 regular regularly fixed | 不定期 偶尔 浮动 irregular occasional flexible variable
紧急 急 立即 马上 立刻 urgent immediate immediately instantly | 缓 推迟 延期 暂缓 拖 delay postpone defer later
充足 足够 够 enough sufficient ample adequate | 不足 不够 短缺 insufficient inadequate shortage scarce
集体 团体 group collective | 个人 个体 individual
满 空 全额 full | 半 差额 部分 half partial difference
奖 奖励 表彰 reward award honour bonus | 罚 处罚 罚款 惩罚 penalty fine penalise punish
留 留在 stay remain keep | 离 离开 搬 转移 leave move transfer
已有 现有 既有 成熟 existing current present mature | 未来 将来 尚未 潜在 future coming potential immature
事实 实际 实测 证明 fact evidence measurement measured proof | 说法 估计 预测 意见 猜测 claim estimate forecast opinion guess
平均 均值 average mean | 上限 最高 封顶 maximum cap ceiling
顺序 先后 order first-come | 得分 评分 择优 score merit
"""


@cache
def _sides() -> tuple[dict[str, tuple[tuple[int, int], ...]], re.Pattern[str]]:
    """Which side of which pairs a word is on, English by stem; and the Chinese words, longest first."""
    found: dict[str, tuple[tuple[int, int], ...]] = {}
    for n, line in enumerate(_TABLE.strip().splitlines()):
        for side, words in enumerate(line.split("|")):
            for word in words.split():
                for key in word_keys(word):
                    found[key] = (*found.get(key, ()), (n, side))
    chinese = sorted((w for w in found if re.match(f"[{CJK}]", w)), key=len, reverse=True)
    return found, re.compile("|".join(chinese))


@lru_cache(maxsize=20_000)
def word_keys(word: str) -> tuple[str, ...]:
    """How a word is looked up: a Chinese one as it is, an English one by its stem."""
    if re.match(f"[{CJK}]", word):
        return (word,)
    return tuple([t for t in tokens(word) if t not in STOP_EN and not t.startswith("=")][:1]) or (word,)


@lru_cache(maxsize=4096)
def _found(text: str) -> frozenset[tuple[int, int]]:
    sides, chinese = _sides()
    words = {w for w in re.findall(r"[a-z]+(?:-[a-z]+)*", text)}
    keys = {k for w in words for k in (w, *word_keys(w))} | set(chinese.findall(text))
    return frozenset(pair for k in keys for pair in sides.get(k, ()))


def opposed(own: str, base: str) -> int:
    """How many pairs have one side in the one folded text alone and the other in the other alone."""
    mine, theirs = _found(own), _found(base)
    return sum((n, 1 - side) in theirs and (n, side) not in theirs and (n, 1 - side) not in mine for n, side in mine)
