import type { JobView, StatusReport } from "../../lib/backend/bindings";
import { cannotImport, cannotPause } from "../../lib/cannot";
import { askToExport } from "../../lib/exporting.svelte";
import { GO_TO } from "../../lib/goKeys";
import { currentWorld, go } from "../../lib/location.svelte";
import { hideOverlay, showOverlay } from "../../lib/overlay.svelte";
import { type Page, pageRoute, PAGES } from "../../lib/router";
import { strings } from "../../lib/strings";
import { chooseTextSize, currentTextSize, TEXT_SIZES } from "../../lib/textSize.svelte";
import { chooseTheme, currentTheme, THEMES } from "../../lib/theme.svelte";
import { PLATFORMS } from "../../lib/words";
import type { Entry } from "./entries";

/** What the hub is known to be doing, and what is asked of it. */
export type Hub = {
  /** Why there is none to be asked, and what brings one; there is one where this is absent. */
  absent: Absent | undefined;
  status: StatusReport | undefined;
  /** Whether it does not answer. */
  failing: boolean;
  jobs: JobView[] | undefined;
  pause: (paused: boolean) => Promise<unknown>;
  importPeople: () => Promise<unknown>;
};

export type Absent = { why: string; name: string; cannot: string | undefined; start: () => unknown };

const words = strings.palette;

/** Every page and every action, also those that cannot be done now. */
export function commands(hub: Hub): Entry[] {
  return [...starting(hub), ...pages(), ...relayActions(hub), ...lists(), ...windowActions()];
}

function starting({ absent }: Hub): Entry[] {
  if (absent === undefined) return [];
  const { name, start, cannot } = absent;
  return [{ ...action(name, "play", start, { cannot }), group: "sandbox" }];
}

function pages(): Entry[] {
  return PAGES[currentWorld()].map((page) => ({
    key: `page ${page}`,
    group: "pages",
    name: strings.pages[page],
    icon: "arrow",
    ...keysTo(page),
    run: () => go(pageRoute(page)),
  }));
}

function keysTo(page: Page): { keys?: string } {
  const letter = Object.entries(GO_TO).find(([, to]) => to === page)?.[0];
  return letter === undefined ? {} : { keys: `g ${letter}` };
}

function relayActions({ absent, status, failing, jobs, pause, importPeople }: Hub): Entry[] {
  const paused = typeof status?.paused_since === "number";
  const connections = status?.connections;
  const unknown = absent?.why ?? (connections === undefined ? words.notKnownYet : undefined);
  return [
    action(paused ? words.resume : words.pause, paused ? "play" : "pause", () => pause(!paused), {
      cannot: absent?.why ?? cannotPause(status, failing),
    }),
    ...PLATFORMS.map((platform) => {
      const name = strings.platforms[platform];
      const known = connections?.some((connection) => connection.platform === platform);
      return action(words.connect(name), "plug", () => go({ page: "platforms", connect: platform }), {
        cannot: known ? words.connected(name) : unknown,
      });
    }),
    action(words.import, "people", importPeople, {
      cannot: unknown ?? cannotImport(connections, jobs),
    }),
  ];
}

function lists(): Entry[] {
  const [people, activity] = [pageRoute("people"), pageRoute("activity")];
  return [
    action(words.awaited, "clock", () => go({ ...people, view: "waiting_for_consent" })),
    action(words.uncertain, "question", () => go({ ...activity, state: "uncertain" })),
    action(words.export, "activity", () => {
      go(activity);
      askToExport();
    }),
  ];
}

function windowActions(): Entry[] {
  const size = TEXT_SIZES.indexOf(currentTextSize());
  const [smaller, larger] = [TEXT_SIZES[size - 1], TEXT_SIZES[size + 1]];
  const icons = { system: "monitor", light: "sun", dark: "moon" } as const;
  return [
    ...THEMES.map((theme) =>
      action(words.themes[theme], icons[theme], () => chooseTheme(theme), {
        cannot: theme === currentTheme() ? words.themeChosen : undefined,
      }),
    ),
    action(words.larger, "search", () => larger && chooseTextSize(larger), {
      cannot: larger === undefined ? words.largest : undefined,
    }),
    action(words.smaller, "search", () => smaller && chooseTextSize(smaller), {
      cannot: smaller === undefined ? words.smallest : undefined,
    }),
    action(words.keys, "question", showKeys, { keys: "?" }),
  ];
}

function showKeys(): void {
  hideOverlay("palette");
  showOverlay("keys");
}

function action(
  name: string,
  icon: Entry["icon"],
  run: Entry["run"],
  more: Pick<Entry, "cannot" | "keys"> = {},
): Entry {
  return { key: `action ${name}`, group: "actions", name, icon, run, ...more };
}
