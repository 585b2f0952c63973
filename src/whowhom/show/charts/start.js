(function () {
  "use strict";
  function draw(figure) {
    var place = figure.querySelector(".ww-vega");
    var data = figure.querySelector(".ww-data");
    if (!place || !data || place.dataset.drawn) return;
    place.dataset.drawn = "yes";
    vegaEmbed(place, JSON.parse(data.textContent), {
      ast: true, // expressions are interpreted: no eval, so the page's policy can forbid it
      renderer: "svg",
      actions: false,
      defaultStyle: false,
      tooltip: { disableDefaultStyle: true, theme: "ww" },
    }).catch(function (error) {
      place.textContent = "This picture could not be drawn: " + error.message;
    });
  }
  function all() {
    document.querySelectorAll("figure.ww-chart").forEach(draw);
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", all);
  else all();
})();
