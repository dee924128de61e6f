import type { ConnectionView, StatusReport } from "./backend/bindings";

/** The connections that do not get well without a person. */
export function connectionsInNeed(status: StatusReport): ConnectionView[] {
  return status.connections.filter(({ health }) => {
    switch (health.state) {
      case "degraded":
      case "needs_authorisation":
        return true;
      case "connecting":
      case "connected":
      case "paused":
        return false;
    }
  });
}

/** How many deliveries do not go on without a person. */
export function deliveriesInNeed(status: StatusReport): number {
  return status.deliveries.waiting_for_person + status.deliveries.uncertain;
}
