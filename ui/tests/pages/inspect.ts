import axe from "axe-core";
import type { Page } from "playwright-core";

/** What axe finds wrong, one line each. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const { axe: inspector } = window as unknown as { axe: typeof axe };
    const results = await inspector.run(document, { resultTypes: ["violations"] });
    return results.violations;
  });
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}: ${node.html.slice(0, 200)} ${node.failureSummary ?? ""}`),
  );
}

/** Elements that stick out of the window to the right, and scrollers that move sideways. */
export function overflows(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const faults: string[] = [];
    for (const element of document.querySelectorAll<HTMLElement>("body *")) {
      const { right, width, height } = element.getBoundingClientRect();
      // What an ellipsis stands for is not seen, wherever it would be.
      const ellipsed = element.parentElement?.closest(".truncate") ?? null;
      if (ellipsed === null && width > 1 && height > 1 && right > window.innerWidth + 0.5) {
        faults.push(`sticks out: ${element.outerHTML.slice(0, 120)}`);
      }
      const { overflowX } = getComputedStyle(element);
      const scrolls = overflowX === "auto" || overflowX === "scroll";
      if (scrolls && element.scrollWidth > element.clientWidth) {
        faults.push(`scrolls sideways: ${element.outerHTML.slice(0, 120)}`);
      }
    }
    return faults;
  });
}

/** What can be used with a pointer but is not reached by pressing Tab. */
export async function unreachableByTab(page: Page): Promise<string[]> {
  const count = await page.evaluate(() => {
    // Of a group of radio buttons Tab reaches the chosen one; arrows go on from there.
    const input = "input:not([type='radio']:not(:checked))";
    const usable = `a[href], button, ${input}, select, textarea, summary, [tabindex='0']`;
    const elements = [...document.querySelectorAll<HTMLElement>(usable)].filter(
      (element) => element.tabIndex >= 0 && element.checkVisibility() && !element.closest("[inert]"),
    );
    for (const element of elements) element.dataset.unvisited = "";
    (document.activeElement as HTMLElement | null)?.blur();
    return elements.length;
  });
  for (let press = 0; press < count + 3; press += 1) {
    await page.keyboard.press("Tab");
    await page.evaluate(() => {
      delete (document.activeElement as HTMLElement | null)?.dataset.unvisited;
    });
  }
  return page.evaluate(() =>
    [...document.querySelectorAll("[data-unvisited]")].map((one) => one.outerHTML.slice(0, 160)),
  );
}
