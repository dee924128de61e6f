/** What the keyboard does. */
export const keys = {
  title: "Keys",
  close: "Close",
  search: "Search people and deliveries, and do anything by its name",
  list: [
    ["g h", "Go to Home"],
    ["g p", "Go to Platforms"],
    ["g e", "Go to People"],
    ["g a", "Go to Activity"],
    ["g x", "Go to the Sandbox"],
    ["g s", "Go to Settings"],
    ["j, k or arrows", "Move through the rows"],
    ["Page Up, Page Down, Home, End", "Move further"],
    ["Enter", "Open the row’s details"],
    ["Space", "Select the row, where rows can be selected"],
    ["Escape", "Close what is open, or clear the selection"],
    ["/", "Go to the page’s search"],
    ["?", "Show these keys"],
  ],
} as const;
