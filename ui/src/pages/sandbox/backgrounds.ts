import type { Platform } from "../../lib/backend/bindings";

/** The colour of each platform's chat app. */
export const BACKGROUNDS: Record<Platform, string> = {
  slack: "bg-slack",
  teams: "bg-teams",
  webex: "bg-webex",
  zoom: "bg-zoom",
};
