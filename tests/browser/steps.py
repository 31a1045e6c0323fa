"""What every test in the browser does: sign in, wait, and ask whether a page is accessible and fits."""

import time

from axe_playwright_python.sync_playwright import Axe

from tests.factories import PASSWORD


def sign_in(page, user):
    """Sign in by the form, as a person does."""
    page.goto("/akun/masuk/")
    page.get_by_label("Nama pengguna atau e-mail").fill(user.username)
    page.get_by_label("Kata sandi").fill(PASSWORD)
    page.get_by_role("button", name="Masuk", exact=True).click()
    page.wait_for_url(lambda url: "/akun/masuk/" not in url)


def until(page, expression, seconds=15):
    """Wait until a JavaScript expression is true. Playwright's own wait asks again with `eval`, which the CSP refuses."""
    end = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < end, f"never true: {expression}"
        page.wait_for_timeout(50)


def violations(page) -> list[tuple[str, str]]:
    """What axe finds: (rule, the first element that breaks it)."""
    # Without `preload`: with it axe itself would write a <style>, which the CSP rightly refuses.
    found = Axe().run(page, options={"preload": False}).response["violations"]
    return [(rule["id"], rule["nodes"][0]["html"]) for rule in found]


def fits(page) -> bool:
    """Whether nothing pushes the page sideways."""
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
