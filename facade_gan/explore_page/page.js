// What the page does in the browser beside Gradio: clicks, the address, the measured latency.
window.explorePage = {
  queries: {},

  // Writes the settings of picture and wall into what is saved, and into the address, so that a
  // reload brings them back.
  remember(part, query) {
    this.queries[part] = query;
    const settings = Object.values(this.queries).filter((each) => each).join("&");
    document.querySelectorAll("a[data-route]").forEach((link) => {
      link.href = `${link.dataset.route}?${settings}`;
    });
    this.address(settings ? `?${settings}` : location.pathname);
  },

  // Browsers refuse to change the address more than some hundred times in some seconds, which a
  // dragged slider comes to, and raise an error: it is tried again, so that the last one is kept.
  address(written) {
    clearTimeout(this.again);
    try {
      history.replaceState(null, "", written);
    } catch {
      this.again = setTimeout(() => this.address(written), 1000);
    }
  },

  // Called when a new picture stands on the screen.
  shown(picture) {
    const { a, b, query, sent, ms } = picture.dataset;
    this.remember("picture", query);
    if (Number(sent) > 0) {
      const latency = Math.round(performance.now() - Number(sent));
      this.latency = `${latency} ms from the mouse to the picture, ${ms} of them in the networks`;
    }
    document.querySelector("#latency").textContent = this.latency ?? "";
    this.marked = { a, b };
    this.mark();
  },

  // Frames the two facades of the wall that were picked, and writes A and B on them.
  mark() {
    document.querySelectorAll(".tile").forEach((tile) => {
      const isA = tile.dataset.seed === this.marked?.a;
      const isB = tile.dataset.seed === this.marked?.b;
      const letters = (isA ? "A" : "") + (isB ? "B" : "");
      tile.classList.toggle("is-a", isA);
      tile.classList.toggle("is-b", isB);
      tile.dataset.letters = letters;
      tile.setAttribute("aria-pressed", isA || isB);
      tile.setAttribute("aria-label", letters ? `${letters}: ${tile.title}` : tile.title);
    });
  },
};

// Gradio takes a slider for released when the mouse lets go; keys let go of it as well, but for
// those by which one only comes past it.
document.addEventListener("keyup", ({ key, target }) => {
  if (["Tab", "Shift", "Control", "Alt", "Meta"].includes(key)) return;
  if (target.matches("input[type=range], input[type=number]")) {
    target.dispatchEvent(new PointerEvent("pointerup", { bubbles: true }));
  }
});
