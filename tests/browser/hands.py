"""Ways of using a page: with a mouse, with a finger, with the keyboard alone. A journey is written once for all."""

from contextlib import suppress

STOPS = 600  # tab stops after which an element is called unreachable


class Mouse:
    """Points and clicks; typing replaces what a field holds."""

    def __init__(self, page):
        self.page = page

    def press(self, target):
        target.click()

    def write(self, field, text):
        field.fill(text)

    def moment(self, field, iso):
        """A day (2026-12-31) or a time (14:30)."""
        field.fill(iso)

    def choose(self, field, value):
        field.select_option(value)

    def pick(self, radio):
        radio.check(force=True)  # its label is drawn over it

    def menu(self, label):
        """Follow an entry of the main menu, unfolding it where the screen is narrow."""
        fold = self.page.locator("summary", has_text="Menu").first
        if fold.is_visible():
            self.press(fold)
        self.press(self.page.get_by_role("navigation", name="Menu principal").get_by_role("link", name=label))
        self.page.wait_for_load_state()


class Finger(Mouse):
    """Taps, on a touch screen."""

    def press(self, target):
        target.tap()


class Keyboard(Mouse):
    """Tab, Enter, Space, arrows and letters; nothing else touches the page."""

    def tab_to(self, target):
        target.wait_for()
        for _stop in range(STOPS):
            if target.evaluate("e => e === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{STOPS} presses of Tab never reach {target}")

    def press(self, target):
        self.tab_to(target)
        self.page.keyboard.press("Enter")

    def write(self, field, text):
        self.tab_to(field)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def moment(self, field, iso):
        """Typed in the order of the browser's language, whichever it is: the first order that gives the value."""
        self.tab_to(field)
        for typed in orders(iso):
            self.page.keyboard.type(typed)
            if field.input_value() == iso:
                return
            for _part in range(4):  # back to the first part of the field: day, month, year and time are walked apart
                self.page.keyboard.press("ArrowLeft")
        raise AssertionError(f"{iso} cannot be typed: the field says {field.input_value()}")

    def choose(self, field, value):
        self.tab_to(field)
        places = field.locator("option").evaluate_all("options => options.map(o => o.value)")
        self.page.keyboard.press("Home")
        for _step in range(places.index(value)):
            self.page.keyboard.press("ArrowDown")
        assert field.input_value() == value

    def pick(self, radio):
        """Tab leads into the group; arrows go round it."""
        name = radio.get_attribute("name")
        for _stop in range(STOPS):
            if self.page.evaluate("document.activeElement.name") == name:
                break
            self.page.keyboard.press("Tab")
        self.page.keyboard.press("Space")
        for _step in range(10):
            if radio.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError("the arrows never reach the choice")


def orders(iso):
    """What to type for an ISO day or time, in the French order, then in the American one."""
    with suppress(ValueError):
        year, month, day = iso.split("-")
        return [day + month + year, month + day + year]
    hour, minute = iso.split(":")
    half = f"{(int(hour) - 1) % 12 + 1:02}{minute}{'PM' if int(hour) > 11 else 'AM'}"
    return [hour + minute, half]
