/** Dark or light: the system's choice until the person makes their own, which is remembered. */

import { listen, tell } from "./state.js";

const KEY = "sandbox.theme";
const light = matchMedia("(prefers-color-scheme: light)");

function apply() {
  document.documentElement.dataset.theme = localStorage.getItem(KEY) ?? (light.matches ? "light" : "dark");
  tell("theme");
}

export function setUpTheme() {
  light.addEventListener("change", apply);
  listen("theme-toggle", () => {
    localStorage.setItem(KEY, document.documentElement.dataset.theme === "dark" ? "light" : "dark");
    apply();
  });
  apply();
}
