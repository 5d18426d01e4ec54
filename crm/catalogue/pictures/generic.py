"""Pictures for products that came without a family: the words of the name choose the thing."""

import re
from collections.abc import Callable

from crm.catalogue.pictures import gifts
from crm.catalogue.pictures.canvas import Canvas
from crm.catalogue.pictures.look import Look

_WORDS: tuple[tuple[str, Callable[[Canvas, Look], None]], ...] = (
    ("lights|fairy|bulb", gifts.lights),
    ("lantern|lamp|chandelier|torch", gifts.lantern),
    ("candle|tlight|t light|t-light|votive|wax|incense", gifts.candle),
    ("cakestand|cake stand|cupcake|cake", gifts.cakestand),
    ("teacup|saucer|tea set|coffee set", gifts.teacup),
    ("mug|cup|cups|beaker|tea for one", gifts.mug),
    ("necklace|bracelet|earring|earrings|ring|brooch|jewel|bead|beads|charm|pendant|hair", gifts.jewel),
    ("clock|watch|alarm", gifts.clock),
    ("umbrella|parasol", gifts.umbrella),
    ("cushion|pillow|blanket|quilt|throw|doormat|rug|towel|apron", gifts.cushion),
    ("bear|doll|toy|rabbit|bunny|cat|dog|owl|teddy|soft|elephant|puppet|animal", gifts.toy),
    ("gift wrap|wrap|wrapping|ribbon|ribbons|roll|paper|tissue|garland|bunting|tape", gifts.roll),
    ("card|cards|postcard|envelope|invitation|stickers|sticker|letter|writing", gifts.card),
    ("book|notebook|journal|diary|album|calendar|sketchbook|passport", gifts.book),
    ("frame|picture|mirror|print|photo|sign|plaque|canvas|blackboard|chalkboard|wall art", gifts.frame),
    ("bag|shopper|tote|sack|holdall|purse|pouch|backpack|handbag", gifts.bag),
    ("bottle|flask|perfume|vase|decanter|soap|lotion", gifts.bottle),
    ("jar|jam|storage|canister|preserve|sweets|honey", gifts.jar),
    ("tin|tins|caddy|bucket|pot|planter|bin|watering", gifts.tin),
    ("flower|flowers|garden|herb|plant|seeds|rose|tulip|daisy", gifts.flower),
    ("bauble|ornament|decoration|decorations|tree|bell|snowflake", gifts.bauble),
    ("heart|hearts|love", gifts.heart),
    ("plate|plates|tray|dish|coaster|coasters|placemat", gifts.plate),
    ("bowl|bowls|colander|basin|mould|baking", gifts.bowl),
    ("hook|hooks|hanger|rack|rail|drawer knob|knob", gifts.hook),
    ("spoon|spoons|fork|cutlery|spatula|pen|pencil|pencils|brush|knife|chopsticks", gifts.utensil),
    ("gift|present|party|advent|kit|set|game", gifts.gift),
    ("box|boxes|drawer|cabinet|chest|case|trinket|lunch", gifts.box),
)
_COMPILED = tuple((re.compile(rf"\b(?:{words})s?\b"), draw) for words, draw in _WORDS)

_COUNTED = re.compile(r"\b(?:set|pack|box|pair)s? ?(?:of|/) ?\d*\b")
"""'SET OF 6' says how many, not what."""


def generic(c: Canvas, name: str) -> None:
    """Draw what the words of a name suggest; a plain parcel when none is known."""
    text = _COUNTED.sub(" ", name.casefold())
    look = Look(c, re.findall(r"[a-z]+", text))
    found = [
        (max(m.start() for m in pattern.finditer(text)), draw)
        for pattern, draw in _COMPILED
        if pattern.search(text)
    ]
    c.zoom(1.05 * look.size, 10)
    # The thing itself usually stands last in an English name: "RED RETROSPOT CAKE STAND".
    draw = (
        max(found, key=lambda pair: pair[0])[1]
        if found
        else c.choose("plain", (gifts.parcel, gifts.parcel, gifts.box))
    )
    draw(c, look)
