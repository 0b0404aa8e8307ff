/// The script of the inspection page: zoom, and the way from a node to its row and back.
enum PageScript {
  /// Sets `data-ready` on the root element when all of it has run, `data-error` when something failed.
  static let text = """
    const root = document.documentElement;
    addEventListener("error", event => { root.dataset.error = event.message; });
    const view = document.getElementById("view"), graph = document.getElementById("graph");
    const size = { width: graph.viewBox.baseVal.width, height: graph.viewBox.baseVal.height };
    let scale = 1;
    function zoom(next, x = view.clientWidth / 2, y = view.clientHeight / 2) {
      next = Math.min(4, Math.max(0.05, next));
      const left = (view.scrollLeft + x) / scale, top = (view.scrollTop + y) / scale;
      scale = next;
      graph.setAttribute("width", size.width * scale);
      graph.setAttribute("height", size.height * scale);
      view.scrollLeft = left * scale - x;
      view.scrollTop = top * scale - y;
    }
    const on = (id, action) => document.getElementById(id).addEventListener("click", action);
    on("in", () => zoom(scale * 1.25));
    on("out", () => zoom(scale / 1.25));
    on("fit", () => zoom((view.clientWidth - 2) / size.width));
    on("full", () => zoom(1));
    view.addEventListener("wheel", event => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      const frame = view.getBoundingClientRect();
      zoom(scale * Math.exp(-event.deltaY / 400), event.clientX - frame.left, event.clientY - frame.top);
    }, { passive: false });
    function choose(index, target) {
      document.querySelectorAll(".chosen").forEach(element => element.classList.remove("chosen"));
      const node = document.getElementById("node" + index), row = document.getElementById("row" + index);
      node.classList.add("chosen");
      row.classList.add("chosen");
      (target === "row" ? row : node).scrollIntoView({ block: "center", inline: "center", behavior: "smooth" });
    }
    document.querySelectorAll("g.operator").forEach(node =>
      node.addEventListener("click", () => choose(node.id.slice(4), "row")));
    document.querySelectorAll("#operators tbody tr").forEach(row =>
      row.addEventListener("click", () => choose(row.id.slice(3), "node")));
    const first = graph.querySelector("g rect");
    if (first) view.scrollLeft = first.x.baseVal.value + first.width.baseVal.value / 2 - view.clientWidth / 2;
    root.dataset.ready = "true";
    """
}
