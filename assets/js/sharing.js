// Links to copy: each is a text field with a copy button.
const list = element.querySelector('.links');
const said = element.querySelector('[role=status]');
const goalField = element.querySelector('.goal-text');
const CONDITION = /^(memorised|new|longer|parameters|cpu_seconds)(>=|<=)\d+(\.\d+)?$/;
let last;

// The links, with the goal if there is one that can be read (`seq2seq/evaluation/goal.py`).
function withGoal(query) {
  const goal = goalField.value.replaceAll(' ', '');
  if (!goal || !goal.split(',').every(part => CONDITION.test(part))) return query;
  return `${query}${query.includes('?') ? '&' : '?'}goal=${encodeURIComponent(goal).replaceAll('%2C', ',')}`;
}

async function copy(field, button) {
  const words = button.textContent;
  field.focus();
  field.select();
  let copied = true;
  try {
    await navigator.clipboard.writeText(field.value);
  } catch { // no https, or the embedding page does not allow it: try the older method
    copied = document.execCommand('copy');
  }
  said.textContent = copied ? say('Copied.')
    : say('The clipboard is not allowed here. The text is selected: press Ctrl+C or ⌘C.');
  said.classList.toggle('unseen', copied);
  if (!copied) return;
  button.textContent = say('Copied ✓');
  setTimeout(() => { button.textContent = words; said.textContent = ''; }, 3000);
}

// A link that names the model's bug is shown only on request.
function hidden(item, parts, spoiler) {
  const words = item.appendChild(document.createElement('p'));
  words.className = 'spoiler';
  words.textContent = spoiler;
  const button = item.appendChild(document.createElement('button'));
  button.type = 'button';
  button.className = 'plain';
  button.textContent = say('Show link');
  button.addEventListener('click', () => {
    words.remove();
    button.replaceWith(...parts);
    parts[0].focus();
  });
}

function row({ name, query, problem, spoiler }, i) {
  const item = document.createElement('li');
  const label = item.appendChild(document.createElement('label'));
  label.textContent = name;
  if (problem) {
    const words = item.appendChild(document.createElement('p'));
    words.className = 'problem';
    words.textContent = problem;
    return item;
  }
  const field = document.createElement('input');
  field.readOnly = true;
  field.id = label.htmlFor = `share-link-${i}`;
  field.value = location.origin + location.pathname + withGoal(query);
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'plain';
  button.textContent = say('Copy link');
  button.addEventListener('click', () => copy(field, button));
  if (spoiler) hidden(item, [field, button], spoiler);
  else item.append(field, button);
  return item;
}

function show() {
  const { turn, links, choices, views } = props.value || {};
  if (!turn || turn === last) return;
  last = turn;
  list.replaceChildren(...links.map(row));
  offerSnippet(links, views);
  offerToOpen(links, choices);
  requestAnimationFrame(() => list.querySelector('button')?.focus());
}

goalField.addEventListener('input', () => {
  const goal = goalField.value.replaceAll(' ', '');
  const wrong = goal && goal.split(',').find(part => !CONDITION.test(part));
  element.querySelector('.goal-wrong').textContent = wrong === undefined || !goal ? ''
    : say('“{part}” is not a condition. Write one like this: {example}. The measures are memorised, new, longer, parameters and cpu_seconds.', { part: wrong, example: 'new>=0.95' });
  list.replaceChildren(...props.value.links.map(row));
  classLinks();
});
element.querySelector('.close').addEventListener('click', () => {
  trigger('closed', {});
  document.querySelector('.top button')?.focus();
});
