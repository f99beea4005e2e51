"""What a first visitor's browser takes: bytes, requests, and what Lighthouse says."""

import json
import os
import shutil
import subprocess

from playwright.sync_api import sync_playwright

from tests.browser.conftest import PHONE, QUIET
from tests.running_site import ROOT

LIGHTHOUSE = ROOT / "var/tools/node_modules/lighthouse/cli/index.js"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")


def first_view(url):
    """Return the bytes over the wire and the number of requests of a first visit on a phone."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
        context = chromium.new_context(viewport=PHONE, ignore_https_errors=True)
        page = context.new_page()
        finished = []
        devtools = context.new_cdp_session(page)
        devtools.send("Network.enable")
        devtools.on("Network.loadingFinished", lambda event: finished.append(event))
        page.goto(url, wait_until="networkidle")
        chromium.close()
    return sum(event["encodedDataLength"] for event in finished), len(finished)


def is_lighthouse_here():
    return bool(shutil.which("node")) and LIGHTHOUSE.exists()


def lighthouse(url):
    """Return Lighthouse's marks by category, and its milliseconds and shift by audit."""
    flags = "--no-sandbox --headless=new --disable-gpu --ignore-certificate-errors"
    done = subprocess.run(
        ["node", LIGHTHOUSE, url, f"--chrome-flags={flags}", "--output=json", "--quiet"],
        env=os.environ | {"CHROME_PATH": shutil.which("chromium")},
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    marks = {name: round(found["categories"][name]["score"] * 100) for name in CATEGORIES}
    audits = ("largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift")
    return marks, [found["audits"][name]["numericValue"] for name in audits]
