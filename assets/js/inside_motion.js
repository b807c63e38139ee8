// The moving picture while Play runs: the context fills, and arcs join a token that is written to
// the input tokens that it attends to. Appended to inside.js; inside.css has the animations.

const motion = (() => {
  const SMALLEST = 0.1; // weights below it have no arc
  const MOST = 5;
  const RISE = 24; // px above the tiles
  const NS = 'http://www.w3.org/2000/svg';

  function fill() {
    const context = $('.lane .box.ctx');
    context?.style.setProperty('--filled', `${100 * Math.min(1, (step + 1) / seen.num_read)}%`);
  }

  function arc(from, to, weight, room) {
    const [a, b] = [from, to].map(tile => {
      const { left, top, width } = tile.getBoundingClientRect();
      return [left + width / 2 - room.left, top - room.top - 2];
    });
    const path = document.createElementNS(NS, 'path');
    path.setAttribute('d', `M${a} C${a[0]} ${a[1] - RISE} ${b[0]} ${b[1] - RISE} ${b}`);
    path.setAttribute('stroke-width', 1 + 3 * weight);
    path.setAttribute('stroke-opacity', 0.35 + 0.65 * weight);
    return path;
  }

  function arcs() {
    $('.lane .arcs')?.remove();
    const look = player && seen.steps[step].look;
    if (!look) return;
    const lane = $('.lane');
    const svg = document.createElementNS(NS, 'svg');
    svg.setAttribute('class', 'arcs');
    svg.setAttribute('aria-hidden', 'true');
    const room = lane.getBoundingClientRect();
    const largest = look.map((weight, i) => [weight, i]).filter(([weight]) => weight >= SMALLEST)
      .sort((a, b) => b[0] - a[0]).slice(0, MOST);
    const written = $(`.lane .dec [data-go="${step}"]`);
    svg.append(...largest.map(([weight, i]) => arc(written, $(`.lane .enc [data-go="${i}"]`), weight, room)));
    lane.append(svg);
  }

  return {
    move: () => { fill(); arcs(); },
    play: on => { root.classList.toggle('playing', on); if (seen) arcs(); },
  };
})();
