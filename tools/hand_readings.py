"""What no table has, by hand: what is written for what, and readings that dictionaries leave out.

A character that the groups have already keeps its readings there beside these.
"""

# a character of the tables, then others that are written for it
VARIANTS = """
旆斾 皋臯 迴廻 叫呌 迥逈 鎖鏁 讎讐 柏栢 只秪秖祗 蔥葱 虯虬 趁趂 欻歘 餐飡 峨峩 舄舃
稚穉 匆怱 鉤勾 略畧 涅湼 輒輙 廄廐 顋腮 萼蕚 嶢嶤 澗磵 吝恡 栖恓 攲敧 巖嵓 剋尅
隙隟 羌羗 斲斵 麤麄 陀陁 翱翺翶 蟆蟇 齅嗅 斸劚 赬頳 默嘿 鳳鳯 總緫惣 劫刼刦 羈覊
闊濶 潸澘 氈氊 崒崪 銜啣衘 篦箆 倏倐 徇狥 憩憇 耽躭耼 菹葅 耕畊 觜嘴 飆飈飇颷 亙亘
塔墖 髡髠 糾糺 飾餙 驅駈 疏踈疎 筇笻 覓覔 虡簴 拗抝 誤悮 餧餵 乃廼 野埜 芻蒭 秕粃
騭隲 障幛 漱潄 往徃 驄騘 創剏 釾鋣 蜋螂 盌碗 倦勌 顛顚 齏虀韲 餘馀 齧囓 嗥嘷 毿毶
竈竃 攜擕 藁藳稿 枻栧 蕊蕋 概槩 模糢 丐匄 酬酧 裊嬝 褌裩 憑慿 沱沲 焰熖 幕幙 扈鳸
驗騐 冤寃 戛戞 屏幈 鬥鬭鬦 捏揑 絙絚 廉亷 謨謩 蓋葢 脅脇 闃閴 柁柂 巔巓 蝱虻䖟 鵝鵞
箬篛 橐槖 鬢髩 攢攅 腸膓 牖牗 鴟鵄 冒冐 明眀 遠逺 高髙 囂嚻 喻喩 齔齓 暤皥 那郍
點㸃 瀆凟 乾乹 熙熈 姦姧 尪尩 罰罸 韭韮 吞呑 寶寳 劍劔 博愽 解觧 飄飃 蕩蘯 雜襍
羶膻 痾疴 鷘鶒 郤郄 拚𢬵 甎塼 懕懨 覰覷 葚椹 汙汚 茅茆 觀覌 燕鷰 般搬 穎頴 鬱鬰
鶯鶑 驢馿 鬧閙 邊邉 羹羮 炯烱 纏纒 蠹蠧 回囘 鬣鬛 窪漥 敻夐 關闗 寧寜 囊嚢 斝斚
鐵鐡 遊逰 籤籖 釜釡 憖憗 準凖 瓷甆 彝彜 賒賖 鎖鎻 曳曵 濱濵 纖纎 昂昻 聯聨 養飬
畝畆 羈覉 頰頬 寫冩 憑凴 簪簮 崖崕 俎爼 聽聼 鬢鬂 皙晳 富冨 疊疉 健徤 蟹蠏 叢樷
蘇甦 鑒鍳 皓皜
"""

# a group, then characters that stand in it
READINGS = """
魚轝 御轝 虞粗跗 紙祇 徑憑 陽嫦罡 虞蝴葡 蒸姮 支縲搘鷥 蕭徭 霽蚋 曷撒 御濾 先臙 錫鸊
願噀 翰熳 東朣 養倆 箇做 寒判 哿阿 屑糵蘖 錫冪幂
"""
