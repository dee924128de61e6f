import "./app.css";

import { mount } from "svelte";

import App from "./App.svelte";
import { restoreTextSize } from "./lib/textSize.svelte";
import { restoreTheme } from "./lib/theme.svelte";

const target = document.getElementById("app");
if (target === null) {
  throw new Error("index.html has no #app");
}
restoreTheme();
restoreTextSize();
mount(App, { target });
