// The language a page opens in. The theme remembers the tab that was chosen last; this adds links that name one:
// ?lang=python, ?lang=javascript, ?lang=curl. A step without code in the reader's language shows none, rather than the
// first language's. Runs in the head, after the theme has defined __md_get and __md_set.
(() => {
  const LABELS = { python: "Python", javascript: "JavaScript", curl: "cURL" };
  const chosen = () => (__md_get("__tabs") ?? []).find((tab) => Object.values(LABELS).includes(tab));
  const choose = (label) =>
    __md_set("__tabs", [label, ...(__md_get("__tabs") ?? []).filter((tab) => tab !== label)]);

  const url = new URL(location.href);
  const named = LABELS[url.searchParams.get("lang")?.toLowerCase()];
  if (named) choose(named);

  const labelOf = (input) => document.querySelector(`label[for="${input.id}"]`).textContent.trim();

  // "Python: an error" is about Python, whatever its reader has chosen.
  function isAboutOneLanguage(step) {
    let heading = step;
    while (heading && !/^H\d$/.test(heading.tagName)) heading = heading.previousElementSibling;
    return Object.values(LABELS).some((label) => heading?.textContent.startsWith(`${label}: `));
  }

  function closeStepsWithout(label) {
    for (const step of document.querySelectorAll(".tabbed-set")) {
      const tabs = [...step.querySelectorAll(":scope > input")];
      const shown = isAboutOneLanguage(step) || tabs.some((tab) => labelOf(tab) === label);
      if (shown) {
        delete step.dataset.without;
      } else {
        step.dataset.without = label;
        for (const tab of tabs) tab.checked = false;
      }
    }
  }

  // An address that names a language names the one that is shown, also after another was chosen: a reload keeps it.
  document.addEventListener("change", ({ target }) => {
    if (!target.name?.startsWith("__tabbed_")) return;
    const label = labelOf(target);
    const language = Object.keys(LABELS).find((name) => LABELS[name] === label);
    if (!language) return;
    closeStepsWithout(label);
    const here = new URL(location.href);
    if (!here.searchParams.has("lang")) return;
    here.searchParams.set("lang", language);
    history.replaceState(history.state, "", here);
  });

  document.addEventListener("DOMContentLoaded", () => {
    const label = chosen() ?? LABELS.python;
    closeStepsWithout(label);
    for (const link of document.querySelectorAll("[data-language]")) {
      if (LABELS[link.dataset.language] === label) link.setAttribute("aria-current", "true");
    }
    // The theme gives its search dialog no name.
    document.querySelector('[role="dialog"].md-search')?.setAttribute("aria-label", "Search");
  });
})();
