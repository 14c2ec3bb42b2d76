// Runs inside the wall's element: a click picks, and a new wall is remembered.
element.addEventListener("click", (event) => {
  const tile = event.target.closest(".tile");
  if (tile) trigger("select", { seed: Number(tile.dataset.seed) });
});
const shown = () => {
  const wall = element.querySelector(".wall");
  if (wall) explorePage.remember("wall", wall.dataset.query);
  explorePage.mark();
};
watch("value", shown);
shown();
