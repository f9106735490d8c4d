"""Who the simulated firm is: a British maker of kitchenware. Every name here is invented."""

from dataclasses import dataclass
from typing import Final


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


NAME: Final = "Tarnbrook Kitchenware (simulated)"


@dataclass(frozen=True, slots=True)
class Product:
    """Something the firm makes, with its list price in pounds."""

    number: str
    name: str
    category: str
    list_price: float


@dataclass(frozen=True, slots=True)
class Quality:
    """A property that customers of a category are asked about, in points from 0 to 10."""

    category: str
    name: str
    better: str = "higher"


CATEGORIES: Final = ("Pans", "Knives", "Boards", "Kettles")
CATEGORY_SHARES: Final = (0.34, 0.26, 0.18, 0.22)
MARGIN_SHARES: Final = (0.42, 0.46, 0.38, 0.40)

PRODUCTS: Final = (
    Product("P-101", "Milk pan 14 cm", "Pans", 24.0),
    Product("P-102", "Frying pan 24 cm", "Pans", 48.0),
    Product("P-103", "Casserole 5 l", "Pans", 95.0),
    Product("K-201", "Paring knife", "Knives", 18.0),
    Product("K-202", "Bread knife", "Knives", 39.0),
    Product("K-203", "Cook's knife 20 cm", "Knives", 72.0),
    Product("B-301", "Serving board", "Boards", 16.0),
    Product("B-302", "Chopping board, beech", "Boards", 34.0),
    Product("B-303", "Butcher's block", "Boards", 88.0),
    Product("T-401", "Hob kettle 1 l", "Kettles", 29.0),
    Product("T-402", "Hob kettle 2 l", "Kettles", 45.0),
    Product("T-403", "Electric kettle", "Kettles", 69.0),
)

QUALITIES: Final = (
    Quality("Pans", "even heating"),
    Quality("Pans", "ease of cleaning"),
    Quality("Pans", "durability"),
    Quality("Knives", "sharpness"),
    Quality("Knives", "balance in the hand"),
    Quality("Knives", "durability"),
    Quality("Boards", "stability"),
    Quality("Boards", "ease of cleaning"),
    Quality("Boards", "finish"),
    Quality("Kettles", "speed"),
    Quality("Kettles", "noise", better="lower"),
    Quality("Kettles", "durability"),
)
SCALE_MIN: Final = 0
SCALE_MAX: Final = 10
DELIVERY: Final = "delivery day"

SEGMENTS: Final = ("Home cooks", "Keen cooks", "Restaurants", "Shops")
SEGMENT_SHARES: Final = (0.50, 0.28, 0.14, 0.08)
ORGANISATIONS_FROM: Final = 2  # segments from this number on are organisations

PARTNERS: Final = (
    "Ashdown Carriers",
    "Brigg Parcels",
    "Calder Freight",
    "Dunmore Couriers",
    "Eskdale Haulage",
    "Fenby Post",
)
PARTNER_SHARES: Final = (0.20, 0.18, 0.17, 0.16, 0.15, 0.14)

STAFF: Final = (
    ("S-1", "Harriet Lowe", "Sales"),
    ("S-2", "Imran Qadir", "Service"),
    ("S-3", "Judith Penhale", "Quality"),
    ("S-4", "Callum Reid", "Supply"),
)

SHOP_CHANNELS: Final = ("web shop", "phone", "fair")
SHOP_CHANNEL_SHARES: Final = (0.72, 0.20, 0.08)
SURVEY_CHANNELS: Final = ("email", "web", "phone")
SURVEY_CHANNEL_SHARES: Final = (0.55, 0.30, 0.15)
SURVEY_CHANNEL_BIASES: Final = (
    0.0,
    -0.2,
    0.3,
)  # points that a channel adds to any answer: people are kind on the phone

FIRST_NAMES: Final = _words(
    "Ada Alan Amina Anwen Arthur Beatrice Bryn Carys Cecil Clara Colin Daisy Derek Edith Elsie Emrys Esme Fergus Flora "
    "Gareth Grace Hamish Hazel Hugh Idris Iona Isla Jack Jean Joan Kiran Laila Leonard Lorna Mabel Megan Mohan Morag "
    "Nell Niall Nora Olive Oscar Owen Parveen Percy Priya Rhona Rohan Rosa Rufus Sanjay Sian Stella Tariq Thea Una "
    "Victor Wilf Yusuf"
)
LAST_NAMES: Final = _words(
    "Abernethy Ackroyd Applegarth Bairstow Bellamy Birkett Blenkin Bracewell Cadwallader Capstick Chaudhry Clegg "
    "Cresswell Dalgleish Dobbs Dunwoody Earnshaw Eccles Fairfax Farrow Gadsby Garside Goodacre Greenhalgh Hargreave "
    "Haythorn Heslop Ibbotson Inglis Jessop Kaur Kettlewell Lambourne Leckie Lightfoot Mallory Marsden Micklethwait "
    "Nankivell Oddie Ogden Pargeter Pascoe Penrose Quayle Ramsbottom Rastrick Sedgwick Shackleton Sidebotham "
    "Tattersall Thackray Trelawny Uttley Varley Wadsworth Whitlam Yeadon"
)
HOUSE_FIRST: Final = _words(
    "Amber Barley Birch Blue Brass Bramble Bridge Cobble Copper Corner Fern Garden Golden Harbour Hill Honey Ivy "
    "Juniper Kiln Lantern Market Meadow Mill Moor Nettle Orchard Pepper Plum Quarry Red Rose Saffron Salt Silver "
    "Slate Thistle Walnut Weir Willow Yew"
)
RESTAURANT_LAST: Final = ("Kitchen", "Table", "Bistro", "Inn", "Larder", "Oven", "Café", "Dining Room")
SHOP_LAST: Final = ("Cookshop", "Home Store", "Ironmongers", "Housewares", "Trading", "Kitchen Supplies")
