"""The pictures of the README: starts the demo on a port and folder of its own, signs in and photographs the pages.

Run with `make screenshots`. Needs Chromium (CHROMIUM, else /usr/bin/chromium).
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
PASSWORD = "gambar untuk halaman depan"  # noqa: S105
PORT = os.environ.get("PORT", "8190")
BASE = f"http://localhost:{PORT}"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE, LAPTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 800}


def serve(data: str) -> subprocess.Popen:
    """Start the demo and wait until it answers; raises RuntimeError when it does not within three minutes."""
    environment = os.environ | {"DATA_DIR": data, "ENV_FILE": f"{data}/.env", "PORT": PORT, "DEMO_PASSWORD": PASSWORD}
    server = subprocess.Popen(["sh", "bin/run", "run"], cwd=ROOT, env=environment, start_new_session=True)
    for _ in range(180):
        try:
            urllib.request.urlopen(f"{BASE}/healthz", timeout=2)  # noqa: S310
        except OSError:
            time.sleep(1)
        else:
            return server
    raise RuntimeError("The demo did not start; run `make run` to see why.")


def photograph(
    browser: Browser, name: str, user: str, path: str, size: dict, *, dark: bool = False, click: str = ""
) -> None:
    """Save docs/pictures/<name>.png of a page as one of the demo users sees it."""
    context = browser.new_context(
        viewport=size,
        device_scale_factor=2 if size is PHONE else 1,
        color_scheme="dark" if dark else "light",
        locale="id-ID",
    )
    page = context.new_page()
    page.goto(f"{BASE}/akun/masuk/")
    page.fill("[name=login]", user)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{BASE}/")
    page.goto(BASE + path)
    if click:
        page.click(click)
        page.wait_for_load_state("networkidle")
    page.screenshot(path=PICTURES / f"{name}.png")
    context.close()
    print(f"docs/pictures/{name}.png")


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="kawal-pictures-") as data:
        server = serve(data)
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                photograph(browser, "beranda", "relawan", "/", PHONE)
                photograph(browser, "catat", "relawan", "/catat/", PHONE)
                photograph(browser, "kasus", "relawan", "/", PHONE, click=".k-row h3 a")
                photograph(browser, "kasus-gelap", "relawan", "/", PHONE, dark=True, click=".k-row h3 a")
                photograph(browser, "papan", "koordinator", "/", LAPTOP)
                photograph(browser, "angka", "pimpinan", "/", LAPTOP)
                photograph(browser, "kelola", "admin", "/kelola/members/organisation/", LAPTOP)
                browser.close()
        finally:
            os.killpg(server.pid, signal.SIGINT)
            server.wait(timeout=15)


if __name__ == "__main__":
    sys.exit(main())
