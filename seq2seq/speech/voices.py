"""The synthetic voices. Some are held out: no model is trained on them.

A voice is a variant of the synthesiser (a vocal tract model) with an accent, a speed and a pitch.
The held-out variants were chosen at random; related variants (steph, steph2) are on the same side
of the split, so a held-out voice has a new vocal tract, not only another speed or pitch.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Voice:
    """One speaker."""

    name: str
    words_a_minute: int
    pitch: int  # 0 to 100; 50 is the default of the variant
    language: str  # an accent of English
    variant: str


def _read(table: str) -> dict[str, Voice]:
    voices = {}
    for row in table.split(";"):
        name, speed, pitch, language, variant = row.split(maxsplit=4)
        voices[name] = Voice(name, int(speed), int(pitch), language, variant.strip())
    return voices


# Name, words a minute, pitch, accent, variant.
KNOWN = _read("""
Alan 150 45 en-gb-x-gbcwmd pablo; Albert 190 35 en-029 m7; Alice 160 45 en-gb-x-rp Andrea;
Anna 160 55 en-us f1; Anton 140 55 en edward2; Arno 130 40 en-us mike2;
Ax 145 45 en-gb-scotland zac; Basil 200 50 en-gb-scotland m6; Ben 200 50 en-gb-x-rp Marco;
Bert 145 40 en Storm; Bo 175 65 en-us Jacky; Bruno 150 65 en-gb-x-gbclan m8;
Carl 165 40 en-us-nyc edward; Carla 160 45 en-029 aunty; Cecil 135 60 en-gb-x-gbcwmd Henrique;
Chris 195 60 en-us-nyc AnxiousAndy; Colin 175 40 en-gb-x-gbcwmd robosoft;
Cyril 170 35 en-gb-scotland quincy; Dean 145 50 en-gb-x-rp m7; Dex 160 35 en-us-nyc m4;
Diego 185 45 en-us antonio; Dirk 130 45 en-gb-x-gbcwmd kaukovalta; Dora 165 40 en-gb-scotland f1;
Duke 195 45 en-gb-x-rp Diogo; Eli 130 50 en-us-nyc Storm; Ella 175 55 en f5; Emil 160 40 en Jacky;
Emma 140 50 en-us linda; Eric 170 60 en-029 Lee; Ernie 150 55 en-gb-x-gbclan Marco;
Fay 135 45 en-gb-x-rp f2; Felix 150 40 en-us m6; Flora 200 35 en-gb-scotland shelby;
Frank 170 45 en-gb-x-gbcwmd ed; Fred 130 65 en-gb-x-gbclan m3; George 130 35 en-gb-scotland m1;
Gil 145 40 en antonio; Glen 175 60 en-gb-x-gbclan david; Gus 195 60 en-us zac;
Hal 195 55 en-us Alex; Hans 165 45 en-gb-x-gbcwmd grandpa; Henry 150 60 en-029 john;
Ida 195 60 en-gb-x-gbclan f3; Igor 140 40 en-gb-x-rp Nguyen; Ira 200 35 en-gb-x-rp miguel;
Ivan 200 40 en-us iven; Jack 140 65 en-gb-x-gbcwmd m3; Jan 165 45 en Alex;
Jim 165 45 en-029 quincy; Jo 140 55 en-gb-scotland Denis; Joan 135 45 en-us-nyc f4;
Joe 170 60 en-us-nyc paul; Jonas 150 45 en-us-nyc marcelo; Jules 155 55 en-us Denis;
Julia 130 50 en-gb-x-gbcwmd f3; Kai 160 65 en-gb-x-rp david; Karl 140 40 en-029 Diogo;
Ken 165 55 en max; Kurt 135 55 en-us-nyc announcer; Lars 155 55 en pedro; Lena 165 45 en Annie;
Leo 175 60 en-029 Nguyen; Liam 175 60 en-029 miguel; Louis 180 65 en-gb-scotland michel;
Luke 160 50 en-us-nyc whisper; Marc 130 35 en-us-nyc robosoft2;
Maria 200 65 en-gb-x-gbclan Andrea; Milo 175 55 en-gb-scotland iven2;
Moe 165 60 en-us-nyc gustave; Neil 175 45 en-us caleb; Nick 150 60 en Mike;
Nina 200 55 en-029 grandma; Noah 165 55 en-us michel; Olga 140 55 en-029 f2;
Omar 160 40 en-gb-x-gbclan grandpa; Oscar 185 65 en-gb-x-gbclan robert; Otto 150 60 en-us pedro;
Owen 170 45 en caleb; Peter 190 60 en-gb-x-gbclan Reed; Phil 170 40 en-us fast;
Pim 150 50 en-gb-x-rp john; Ralf 180 55 en-029 m1; Ray 200 55 en-gb-scotland Lee;
Rosa 160 60 en whisperf; Roy 170 35 en-gb-x-rp adam; Rudi 175 45 en-gb-x-gbcwmd benjamin;
Ruth 160 50 en-gb-x-rp grandma; Sam 155 65 en-gb-scotland croak; Sean 200 45 en klatt2;
Simon 140 60 en-gb-x-gbcwmd m8; Sofia 165 60 en-us shelby; Stan 195 60 en-us-nyc Michael;
Sven 140 65 en-gb-x-gbcwmd Andy; Ted 155 60 en-gb-scotland fast; Toby 150 55 en sandro;
Ugo 140 50 en-029 croak; Uwe 150 50 en-gb-x-gbclan kaukovalta; Walt 170 65 en-gb-x-gbcwmd Mario;
Will 150 50 en-us-nyc klatt; Yann 155 60 en-gb-x-rp rob; Yuri 165 40 en-029 adam;
Zeno 180 60 en-us-nyc Hugo; Zoe 130 45 en-gb-scotland aunty
""")
HELD_OUT = _read("""
Abel 175 55 en-gb-x-gbclan travis; Ada 155 40 en-gb-scotland Tweaky; Beth 160 65 en-gb-x-rp steph;
Clara 130 55 en-gb-x-gbclan belinda; Cole 145 45 en-gb-x-rp m2; Finn 150 60 en-gb-x-gbclan Gene2;
Gabe 150 55 en-us-nyc boris; Hana 165 45 en-gb-x-gbclan anika;
Harry 175 50 en-gb-scotland Mr serious; Jane 195 35 en-gb-x-rp belinda;
Kate 155 45 en-gb-scotland Alicia; Lily 200 40 en-us Tweaky; Lucy 185 65 en-029 Alicia;
Mia 170 40 en-029 steph3; Nils 160 65 en ian; Olaf 180 60 en-gb-x-gbcwmd RicishayMax;
Remy 190 40 en-gb-x-gbclan norbert; Tess 180 55 en-gb-x-gbcwmd anika;
Theo 195 65 en-gb-x-gbcwmd victor; Tom 170 55 en m5
""")
VOICES = {**KNOWN, **HELD_OUT}
