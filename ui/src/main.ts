import "./app.css";

import { mount } from "svelte";

import App from "./App.svelte";
import { restoreTheme } from "./lib/theme.svelte";

const target = document.getElementById("app");
if (target === null) {
  throw new Error("index.html has no #app");
}
restoreTheme();
mount(App, { target });
