// Maps of territories: outlines of ours, no tiles. Everything shown is also in the list beside (docs: templates).
"use strict";

(() => {
  const inPage = (id) => JSON.parse(document.getElementById(id).textContent);
  for (const box of document.querySelectorAll("[data-map], [data-pieces]")) draw(box);

  function say(box, sentence) {
    const text = document.createElement("p");
    text.className = "pv-map__said";
    text.setAttribute("role", "status");
    text.textContent = sentence;
    box.replaceWith(text);
  }

  async function draw(box) {
    let pieces;
    try {
      if (box.dataset.pieces) {
        pieces = inPage(box.dataset.pieces); // where an address would say what was looked for
      } else {
        const answer = await fetch(box.dataset.map);
        if (!answer.ok) throw new Error(answer.status);
        pieces = await answer.json();
      }
    } catch {
      say(box, box.dataset.failed);
      return;
    }
    if (!pieces.features.length) {
      say(box, box.dataset.nothing);
      return;
    }
    // Numbers by code, when the map shades its pieces: { level, words }.
    const numbers = box.dataset.numbers ? inPage(box.dataset.numbers) : {};
    const classes = (code) => {
      const shade = numbers[code] ? ` pv-piece--level-${numbers[code].level}` : "";
      return `pv-piece${code === box.dataset.current ? " pv-piece--current" : ""}${shade}`;
    };
    const map = L.map(box, {
      attributionControl: false,
      zoomControl: false,
      zoomSnap: 0.25,
      scrollWheelZoom: false, // the page scrolls over the map
      dragging: !matchMedia("(pointer: coarse)").matches, // and so does a finger; two fingers enlarge
    });
    L.control.zoom({ zoomInTitle: box.dataset.larger, zoomOutTitle: box.dataset.smaller }).addTo(map);
    const layer = L.geoJSON(pieces, {
      style: (piece) => ({ className: classes(piece.properties.c) }),
      pointToLayer: (piece, place) => L.circleMarker(place, { radius: 6 }),
      onEachFeature: (piece, shape) => {
        const { c: code, n: name, k: kind } = piece.properties;
        shape.bindTooltip(numbers[code] ? `${name} : ${numbers[code].words}` : name, { sticky: true });
        if (code === box.dataset.current || !box.dataset.page || box.dataset.drop) return;
        shape.on("click", () => {
          location.assign(box.dataset.page.replace("KIND", kind).replace("CODE", code));
        });
      },
    }).addTo(map);
    // A map of all France is framed on its continent: overseas, it would be a dot in the middle of oceans.
    const near = layer.getLayers().filter((shape) => shape.feature.properties.z === "metro");
    map.fitBounds((near.length ? L.featureGroup(near) : layer).getBounds(), { padding: [8, 8], animate: false });
    for (const point of box.dataset.points ? inPage(box.dataset.points) : []) {
      const marker = L.circleMarker([point.y, point.x], { radius: 9, className: "pv-point" }).addTo(map);
      marker.bindTooltip(point.names.join(" ; "));
      marker.on("click", () => document.getElementById(point.to)?.focus());
    }
    for (const shape of layer.getLayers()) {
      if (shape.feature.properties.c === box.dataset.current && !box.dataset.points) shape.bringToFront();
    }
    // Places to show besides, each with its words: [{ at: [latitude, longitude], words }].
    const marks = box.dataset.marks ? JSON.parse(document.getElementById(box.dataset.marks).textContent) : [];
    for (const { at, words } of marks) {
      L.circleMarker(at, { radius: 7, className: "pv-place" }).bindTooltip(words).addTo(map);
    }
    // A field that a click on the map fills; typing in it does the same without a mouse.
    const field = box.dataset.drop && document.getElementById(box.dataset.drop);
    if (field) {
      let dropped;
      map.on("click", ({ latlng }) => {
        field.value = `${latlng.lat.toFixed(5)}, ${latlng.lng.toFixed(5)}`;
        dropped = dropped || L.circleMarker(latlng, { radius: 7, className: "pv-place" }).addTo(map);
        dropped.setLatLng(latlng);
        field.focus({ preventScroll: true });
      });
    }
    box.dataset.drawn = "1";
  }
})();
