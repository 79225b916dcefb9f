"use strict";
(() => {
  const form = document.getElementById("filter");
  const field = (name) => form.elements.namedItem(name);
  const entries = [...document.querySelectorAll("[data-verdict]")];
  const groups = [...document.querySelectorAll("details.reason")];
  const names = ["text", "verdict", "rule", "status"];
  const texts = new Map();

  const textOf = (entry) => {
    if (!texts.has(entry)) texts.set(entry, entry.textContent.toLowerCase());
    return texts.get(entry);
  };

  const apply = () => {
    const wanted = Object.fromEntries(names.map((name) => [name, field(name).value]));
    const text = wanted.text.toLowerCase();
    let shown = 0;
    for (const entry of entries) {
      const { verdict, status, rules = "" } = entry.dataset;
      const matches =
        (!wanted.verdict || verdict === wanted.verdict) &&
        (!wanted.status || status === wanted.status) &&
        (!wanted.rule || rules.split(" ").includes(wanted.rule)) &&
        (!text || textOf(entry).includes(text));
      entry.hidden = !matches;
      shown += matches;
    }
    const filters = names.some((name) => wanted[name]);
    for (const group of groups) {
      group.hidden = filters && !group.querySelector("[data-verdict]:not([hidden])");
      if (wanted.verdict === "skipped") group.open = true;
    }
    const skipped = document.getElementById("skipped");
    if (skipped) skipped.hidden = groups.every((group) => group.hidden);
    const all = `${entries.length.toLocaleString("en")} ${entries.length === 1 ? "entry" : "entries"}`;
    field("count").value = filters ? `${shown.toLocaleString("en")} of ${all} shown` : all;
    return wanted;
  };

  // The fragment holds the filter, so that a link or a reload restores it.
  const remember = () => {
    const wanted = Object.entries(apply()).filter(([, value]) => value);
    history.replaceState(null, "", `#${new URLSearchParams(wanted)}`);
  };

  const follow = () => {
    const hash = location.hash.slice(1);
    const target = /^p\d+(?:[mv]\d+)?$/.test(hash) && document.getElementById(hash);
    if (target) {
      const entry = target.closest("details");
      if (entry.hidden) {
        for (const name of names) field(name).value = "";
        apply();
      }
      entry.open = true;
      target.scrollIntoView();
      if (target === entry) entry.querySelector("summary").focus({ preventScroll: true });
    } else if (!hash || hash.includes("=")) {
      const state = new URLSearchParams(hash);
      for (const name of names) {
        field(name).value = state.get(name) ?? "";
        // A select without that option would be blank.
        if (field(name).selectedIndex === -1) field(name).value = "";
      }
      apply();
    }
  };

  const fold = (open) => {
    for (const entry of entries) if (!entry.hidden && entry.localName === "details") entry.open = open;
  };

  form.addEventListener("input", remember);
  form.addEventListener("submit", (event) => event.preventDefault());
  // The fields are reset only after the event.
  form.addEventListener("reset", () => setTimeout(remember));
  field("unfold").addEventListener("click", () => fold(true));
  field("fold").addEventListener("click", () => fold(false));
  document.addEventListener("keydown", (event) => {
    const types = event.target.closest?.("input, select, textarea");
    if (event.key === "/" && !types && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      field("text").focus();
      field("text").select();
    } else if (event.key === "Escape" && form.contains(event.target)) {
      form.reset();
    }
  });
  window.addEventListener("hashchange", follow);
  form.hidden = false;
  follow();
})();
