/*
 * Stands in for the shell in the bench. What the window asks for crosses HTTP, as it crosses the
 * shell's own scheme: no row is made on the page's thread, and each reply is parsed there.
 */
import { emit } from "@tauri-apps/api/event";
import { mockIPC, mockWindows } from "@tauri-apps/api/mocks";

/** A short list is one page long. */
export type Size = "large" | "short" | "empty";

/** What was seen from one frame to the next. */
export type Watched = { longestGapMs: number; mostRows: number; lastRow: number };

declare global {
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- only an interface widens the DOM's own
  interface Window {
    size: Size;
    /** Looks at every frame until `unwatch`. */
    watch: () => void;
    unwatch: () => Watched;
    /** Tells the window so many times a second that something has changed. */
    tellChanges: (perSecond: number) => void;
    tellNoMore: () => void;
  }
}

let watched: Watched | null = null;
let telling: ReturnType<typeof setInterval> | undefined;

window.watch = () => {
  watched = { longestGapMs: 0, mostRows: 0, lastRow: 0 };
  let before = performance.now();
  const look = (now: number) => {
    if (watched === null) return;
    watched.longestGapMs = Math.max(watched.longestGapMs, now - before);
    before = now;
    const rows = document.querySelectorAll("[role=row][data-index]");
    watched.mostRows = Math.max(watched.mostRows, rows.length);
    const last = rows[rows.length - 1]?.getAttribute("data-index");
    watched.lastRow = Math.max(watched.lastRow, Number(last ?? 0));
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
};

window.unwatch = () => {
  const seen = watched;
  watched = null;
  if (seen === null) throw new Error("nobody watched");
  return seen;
};

window.tellChanges = (perSecond) => {
  const start = performance.now();
  let told = 0;
  telling = setInterval(() => {
    const due = ((performance.now() - start) / 1_000) * perSecond;
    for (; told < due; told += 1) void emit("changed", null);
  });
};

window.tellNoMore = () => clearInterval(telling);

mockWindows("main");

mockIPC(
  async (command, payload) => {
    switch (command) {
      case "call": {
        const { request } = payload as { request: { call: string } };
        const body = JSON.stringify({ size: window.size, asked: request });
        const response = await fetch("/call", { method: "POST", body });
        return { call: request.call, reply: await response.json() };
      }
      case "get_desktop":
        return { start_at_login: false, start_at_login_problem: null, notifications: true, tray: true };
      case "sandbox_report":
        return { state: "stopped" };
      default:
        return null;
    }
  },
  { shouldMockEvents: true },
);
