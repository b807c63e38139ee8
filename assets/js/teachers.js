// A link for a class, made of a name, what it opens, and what it hides. Appended to sharing.js.
// `classes.py` defines which names are valid.

const teacher = selector => element.querySelector(`.for-class ${selector}`);
const NAME = /^[a-z0-9_-]{1,40}$/i;

function classWords(more = {}) {
  const name = teacher('.class-name').value.trim();
  const hidden = [...element.querySelectorAll('.class-hides input:checked')].map(box => box.name);
  return new URLSearchParams({ ...(name && { class: name }), ...more,
    ...(hidden.length && { hide: hidden.join(',') }) });
}

function classLinks() {
  const name = teacher('.class-name').value.trim();
  const wrong = name && !NAME.test(name);
  teacher('.class-wrong').textContent = wrong
    ? say('The name is “{name}”: use 1 to 40 letters (a to z), digits, - or _, and no spaces.', { name }) : '';
  const opens = new URLSearchParams(teacher('.class-opens').value);
  const query = new URLSearchParams([...opens, ...classWords()]);
  const links = !name || wrong ? [] : [
    { name: say('For the learners'), query: `?${readable(query)}` },
    { name: say('For the projector: the class’s chart and a QR code of the learners’ link'),
      query: `?${readable(new URLSearchParams([...query, ['view', 'class']]))}` }];
  teacher('.class-links').replaceChildren(...links.map((link, i) => row(link, `class-${i}`)));
  for (const link of element.querySelectorAll('a[data-lesson]')) {
    link.href = withGoal(`?${readable(new URLSearchParams([['lesson', link.dataset.lesson],
      ...(wrong ? [] : classWords())]))}`);
  }
}

// Commas and colons are not escaped, so that the link stays readable.
function readable(query) {
  return String(query).replaceAll('%2C', ',').replaceAll('%3A', ':');
}

// What a class's link can open: the start page, a lesson, or one of the recipes above.
function offerToOpen(links, choices) {
  const menu = teacher('.class-opens');
  const before = menu.value;
  const recipes = links.filter(link => link.query).map(link => [link.query, link.name]);
  menu.replaceChildren(...[...choices, ...recipes].map(([query, words]) => new Option(words, query)));
  menu.value = [...menu.options].some(option => option.value === before) ? before : '';
  classLinks();
}

element.querySelector('.for-class').addEventListener('input', classLinks);
watch('value', show);
show();
