/* The page's own behaviour: clicks become events, markers open their card, narrow screens get their rail. No text is made here. */
window.advisor = (() => {
  const wide = () => window.matchMedia("(min-width: 1100px)").matches;
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const rail = () => one("#head .head"); // carries the words this script says
  const busy = () => one("#live .working") !== null;
  let cameFrom = null; // the marker that Escape returns to
  let reading = null; // number of the turn whose sources the panel shows
  let seen = 0; // turns shown so far

  // ---- words for screen readers, and the one thing the page must say without its server
  function announce(text) {
    let region = one("#announce");
    if (!region) {
      region = document.createElement("div");
      region.id = "announce";
      region.className = "sr";
      region.setAttribute("aria-live", "polite");
      document.body.append(region);
    }
    region.textContent = text || "";
  }

  function checkConnection() {
    setTimeout(() => {
      fetch("healthz").then(() => lost(false)).catch(() => lost(true));
    }, 1500);
  }

  function lost(gone) {
    let note = one("#lost");
    if (!gone) return note && note.remove();
    if (note) return;
    note = document.createElement("p");
    note.id = "lost";
    note.setAttribute("role", "alert");
    note.textContent = rail()?.dataset.lost || "";
    (one("#dock") || document.body).prepend(note);
  }

  // ---- the input
  function write(text) {
    const area = one("#box textarea");
    if (!area) return;
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(area, text);
    area.dispatchEvent(new Event("input", { bubbles: true }));
    area.focus();
  }

  // ---- sources
  const turnOf = (node) => node.closest(".turn")?.dataset.turn ?? reading;
  const turnAt = (number) => one(`#log .turn[data-turn="${number}"]`);

  function showSources(number) {
    const list = one("#panel .cards");
    const turn = number == null ? null : turnAt(number);
    if (!list) return;
    const cards = turn ? all(".sources .card", turn) : [];
    list.replaceChildren(...cards.map((card) => card.cloneNode(true)));
    one("#panel .empty").hidden = cards.length > 0;
    reading = turn ? number : null;
    all("#log .turn").forEach((t) => t.classList.toggle("reading", t === turn));
  }

  function goTo(number, n, quotes) {
    const turn = turnAt(number);
    if (!turn) return;
    let home = turn;
    if (wide()) {
      showSources(number);
      home = one("#panel");
    } else {
      one(".sources", turn).open = true;
    }
    all(".card.here").forEach((c) => c.classList.remove("here"));
    all("mark.here").forEach((m) => m.classList.remove("here"));
    const card = one(`.card[data-n="${n}"]`, home);
    if (!card) return;
    card.classList.add("here");
    const marks = all("mark", card).filter((m) => m.dataset.c.split(" ").some((c) => quotes.includes(c)));
    marks.forEach((m) => m.classList.add("here"));
    card.focus({ preventScroll: true });
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    (card.offsetHeight > window.innerHeight * 0.7 && marks[0] ? marks[0] : card).scrollIntoView({
      block: wide() ? "nearest" : "center",
      behavior: calm ? "auto" : "smooth",
    });
  }

  // ---- the preview of a marker
  function peek(marker) {
    hidePeek();
    const box = document.createElement("div");
    box.id = "peek";
    box.setAttribute("role", "tooltip");
    const title = document.createElement("strong");
    title.textContent = marker.dataset.title;
    const quote = document.createElement("span");
    quote.textContent = marker.dataset.quote;
    box.append(title, quote);
    document.body.append(box);
    marker.setAttribute("aria-describedby", "peek");
    const at = marker.getBoundingClientRect();
    const left = Math.min(Math.max(8, at.left - 24), window.innerWidth - box.offsetWidth - 8);
    const above = at.top - box.offsetHeight - 8;
    box.style.left = `${left}px`;
    box.style.top = `${above > 8 ? above : at.bottom + 8}px`;
  }

  function hidePeek() {
    one("#peek")?.remove();
    all("[aria-describedby=peek]").forEach((m) => m.removeAttribute("aria-describedby"));
  }

  // ---- the rail on narrow screens
  function openRail(open) {
    document.body.classList.toggle("rail-open", open);
    const button = one("#top [data-rail]");
    button?.setAttribute("aria-expanded", String(open));
    button?.setAttribute("aria-label", open ? button.dataset.close : button.dataset.open);
    if (open) one("#rail button")?.focus();
  }

  // ---- clicks
  const find = (event, name) => event.target.closest(`[data-${name}]`);

  function onClick(event, fire) {
    let hit;
    if ((hit = event.target.closest(".cite"))) {
      cameFrom = hit;
      hidePeek();
      return goTo(turnOf(hit), hit.dataset.n, hit.dataset.c.split(" "));
    }
    if ((hit = find(event, "go"))) return goTo(turnOf(hit), hit.dataset.go, []);
    if ((hit = find(event, "other"))) return write(hit.dataset.other + " ");
    if ((hit = event.target.closest("[data-copy]"))) return copy(hit);
    if (fire.ask && !busy()) {
      let asked = null;
      if ((hit = find(event, "ask"))) asked = { text: hit.dataset.ask };
      else if ((hit = find(event, "choice")))
        asked = { text: question(hit), choice: hit.dataset.choice, slot: hit.dataset.slot };
      else if ((hit = find(event, "again"))) asked = { text: question(hit), instead_of: Number(hit.dataset.again) };
      if (asked) {
        checkConnection();
        return fire.ask(asked);
      }
    }
    if (!fire.act) return;
    const act = (data) => fire.act(data);
    if ((hit = find(event, "language"))) act({ do: "language", value: hit.dataset.language });
    else if (find(event, "new")) act({ do: "new" }), openRail(false), write("");
    else if ((hit = find(event, "past"))) act({ do: "open", value: Number(hit.dataset.past) }), openRail(false);
    else if ((hit = find(event, "forget"))) act({ do: "forget", value: Number(hit.dataset.forget) });
    else if (find(event, "clear-firm")) act({ do: "firm", value: {} });
    else if (find(event, "rail")) openRail(!document.body.classList.contains("rail-open"));
    else if ((hit = find(event, "useful"))) act({ do: "useful", turn: Number(hit.dataset.useful) });
    else if ((hit = find(event, "wrong"))) act({ do: "wrong", turn: Number(hit.dataset.wrong) });
  }

  const question = (node) => one(".asked p", node.closest(".turn")).textContent;

  function onSubmit(event, fire) {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(event.target));
    if ("firm" in event.target.dataset) {
      event.target.closest("details").open = false;
      fire.act({ do: "firm", value: values });
    } else if ("note" in event.target.dataset) {
      fire.act({ do: "note", turn: Number(event.target.dataset.note), value: values.note });
      announce(rail()?.dataset.noted);
    }
  }

  async function copy(button) {
    const text = button.closest(".answer").dataset.text;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    const label = button.textContent;
    button.textContent = rail()?.dataset.copied;
    announce(rail()?.dataset.copied);
    setTimeout(() => (button.textContent = label), 1600);
  }

  // ---- after the server has filled a part
  const filled = {
    head() {
      const words = rail();
      if (!words) return;
      document.documentElement.lang = words.dataset.lang;
      document.title = words.dataset.pageTitle;
      const area = one("#box textarea");
      const draft = sessionStorage.getItem("draft");
      if (draft && area && !area.value) write(draft); // the page came back after its server was gone
      else if (wide() && document.activeElement === document.body) area?.focus();
    },
    log() {
      const turns = all("#log .turn");
      const grown = turns.length > seen;
      const fresh = turns.at(-1);
      document.body.classList.toggle("begun", turns.length > 0);
      if (grown || turns.length < seen || reading == null || !turnAt(reading)) showSources(turns.length ? fresh.dataset.turn : null);
      else showSources(reading);
      if (grown) {
        fresh.scrollIntoView({ block: "start" });
        if (seen > 0 || turns.length === 1) announce(rail()?.dataset.ready);
      }
      seen = turns.length;
    },
    live() {
      const turn = one("#live .turn");
      document.body.classList.toggle("asking", busy());
      if (busy()) sessionStorage.removeItem("draft");
      if (turn) {
        lost(false);
        turn.scrollIntoView({ block: "end" });
      }
    },
    panel() {
      showSources(reading);
    },
  };

  function wire(name, element, fire, watch) {
    element.addEventListener("click", (event) => onClick(event, fire));
    element.addEventListener("submit", (event) => onSubmit(event, fire));
    for (const kind of ["mouseover", "focusin"])
      element.addEventListener(kind, (event) => {
        const marker = event.target.closest(".cite");
        if (marker) peek(marker);
      });
    for (const kind of ["mouseout", "focusout"]) element.addEventListener(kind, hidePeek);
    if (filled[name]) watch("value", () => filled[name]());
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.closest?.("#box")) checkConnection();
    if (event.key !== "Escape") return;
    hidePeek();
    if (document.body.classList.contains("rail-open")) {
      openRail(false);
      one("#top [data-rail]")?.focus();
    } else if (event.target.closest?.(".card") && cameFrom?.isConnected) {
      cameFrom.focus();
      cameFrom.scrollIntoView({ block: "nearest" });
    }
  });
  document.addEventListener("input", (event) => {
    if (event.target.closest("#box")) sessionStorage.setItem("draft", event.target.value);
  });
  document.addEventListener("click", (event) => {
    if (document.body.classList.contains("rail-open") && !event.target.closest("#rail, #top")) openRail(false);
  });
  window.addEventListener("online", () => lost(false));
  window.addEventListener("offline", () => lost(true));

  return { wire };
})();
