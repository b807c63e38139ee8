// The attention lines: words and lines of an SVG that the server drew (figures/attention_lines.py).
// Appended to inside.js. The lines of the current step are emphasised; while a
// word is pointed at or has the keyboard's focus, only its own lines are drawn.

const lines = (() => {
  const part = $('.attention-lines');
  const box = $('.attention-lines .scroll');
  const menu = $('.attention-lines select');
  let picked = null; // the word that is pointed at
  let tab = null; // the word that the tab key reaches; arrow keys move from there
  let marked = null; // the word of the current step
  let asking = 0;

  const words = () => $$('g[role=button]', box);
  const wordAt = k => $(`g[data-go="${k}"]`, box);
  const joins = (word, line) => ('read' in word.dataset
    ? line.dataset.read === word.dataset.read : line.dataset.write === word.dataset.write);

  function draw({ svg, note, heads }) {
    picked = null;
    box.innerHTML = svg;
    $('.attention-lines .threshold').textContent = note;
    const chosen = menu.value;
    menu.replaceChildren(...heads.map(([value, words]) => new Option(words, value)));
    if (heads.some(([value]) => value === chosen)) menu.value = chosen;
    $('.attention-lines label').hidden = !heads.length;
    box.scrollLeft = 0;
    reach(words().find(word => 'write' in word.dataset));
    move(step);
  }

  // The whole drawing is one tab stop.
  function reach(word) {
    tab?.setAttribute('tabindex', -1);
    tab = word;
    tab?.setAttribute('tabindex', 0);
  }

  function paint() {
    const active = picked || marked;
    box.classList.toggle('picking', Boolean(picked));
    box.classList.toggle('from-input', Boolean(active && 'read' in active.dataset));
    for (const share of $$('.share', box)) share.textContent = '';
    for (const line of $$('line', box)) {
      const mine = Boolean(active) && joins(active, line);
      line.classList.toggle('now', mine);
      if (!mine) continue;
      line.parentNode.append(line); // above the others
      const far = 'read' in active.dataset ? `[data-write="${line.dataset.write}"]` : `[data-read="${line.dataset.read}"]`;
      const share = $(`g${far} .share`, box);
      if (share) share.textContent = line.dataset.share;
    }
  }

  function move(k) {
    marked?.removeAttribute('aria-current');
    marked = wordAt(k);
    marked?.setAttribute('aria-current', 'step');
    paint();
    if (marked && box.offsetParent) bringIntoView(marked);
  }

  // Scrolls only the drawing, not the page, to the word, and to the other end of its strongest line
  // if both fit.
  function bringIntoView(word) {
    const room = box.getBoundingClientRect();
    const at = word.getBoundingClientRect();
    const own = $$('line', box).filter(line => joins(word, line));
    own.sort((a, b) => b.getAttribute('stroke-width') - a.getAttribute('stroke-width'));
    const line = own[0]?.getBoundingClientRect() || at;
    const both = [Math.min(at.left, line.left - 20), Math.max(at.right, line.right + 20)];
    const [left, right] = both[1] - both[0] <= room.width ? both : [at.left, at.right];
    if (left < room.left || right > room.right) box.scrollLeft += (left + right - room.left - room.right) / 2;
  }

  function pick(word) {
    if (picked === word) return;
    picked = word;
    paint();
  }

  async function show(answer) {
    part.hidden = !answer;
    if (!answer) return;
    const head = menu.value;
    draw(answer);
    if (menu.value && menu.value === head && head !== 'mean') ask(head);
  }

  async function ask(head) {
    const mine = ++asking;
    const all = turn;
    const answer = await question('lines', { head });
    if (mine !== asking || all !== turn) return;
    $('.attention-lines .problem').textContent = answer.problem || '';
    if (!answer.problem) draw(answer);
  }

  const wordOf = event => event.target.closest?.('g[role=button]') || null;
  box.addEventListener('pointerover', event => pick(wordOf(event)));
  box.addEventListener('pointerleave', () => pick(null));
  box.addEventListener('focusin', event => {
    if (event.target.matches(':focus-visible')) pick(wordOf(event));
  });
  box.addEventListener('focusout', () => pick(null));
  box.addEventListener('keydown', event => {
    const word = wordOf(event);
    if (!word || event.altKey || event.ctrlKey || event.metaKey) return;
    const all = words();
    const row = all.filter(other => 'read' in other.dataset === 'read' in word.dataset);
    const rest = all.filter(other => !row.includes(other));
    const at = row.indexOf(word);
    const across = rest[Math.round(at * (rest.length - 1) / Math.max(1, row.length - 1))];
    const goal = { ArrowLeft: row[at - 1], ArrowRight: row[at + 1], Home: row[0], End: row.at(-1),
      ArrowUp: 'write' in word.dataset && across, ArrowDown: 'read' in word.dataset && across };
    if (event.key === 'Enter' || event.key === ' ') go(Number(word.dataset.go));
    else if (!(event.key in goal)) return;
    event.preventDefault();
    event.stopPropagation(); // otherwise they would change the step
    if (!goal[event.key]) return;
    reach(goal[event.key]);
    tab.focus();
    bringIntoView(tab);
  });
  menu.addEventListener('change', () => ask(menu.value));

  // --- as a file ------------------------------------------------------------------------------

  // The file contains the styles and the size that the page gives the drawing.
  function standalone() {
    const drawn = $('svg', box);
    const { width, height } = drawn.getBoundingClientRect();
    const copy = drawn.cloneNode(true);
    const originals = $$('*', drawn);
    $$('*', copy).forEach((node, i) => {
      const style = getComputedStyle(originals[i]);
      for (const name of ['fill', 'stroke', 'stroke-opacity', 'stroke-width', 'visibility', 'opacity']) {
        if (node.matches('g, line, rect, text')) node.setAttribute(name, style[name.replace(/-./, c => c[1].toUpperCase())]);
      }
      for (const name of ['x', 'x1', 'x2', 'width']) {
        const value = node.getAttribute(name);
        if (value?.endsWith('%')) node.setAttribute(name, (parseFloat(value) * width / 100).toFixed(1));
      }
      for (const name of ['tabindex', 'role', 'class']) node.removeAttribute(name);
      if (node.hasAttribute('font-family')) node.setAttribute('font-family', style.fontFamily);
    });
    for (const [name, value] of Object.entries({ width, height, 'font-family': getComputedStyle(drawn).fontFamily, role: 'img' })) copy.setAttribute(name, value);
    copy.removeAttribute('style');
    const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
    for (const [name, value] of Object.entries({ width, height, fill: resolve('var(--card)') })) ground.setAttribute(name, value);
    copy.prepend(ground);
    return new XMLSerializer().serializeToString(copy);
  }

  $('.attention-lines .save').addEventListener('click', () => {
    saveFile('seq2seq-lines.svg', standalone(), 'image/svg+xml');
  });

  return { show, move };
})();
