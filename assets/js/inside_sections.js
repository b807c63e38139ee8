// The sections of “Look inside”, each of which sends its own requests. Appended to inside.js. The
// code is the same for all of them: it sends the values of a form and shows the response.

const sections = $$('details.ask[data-ask]').map(details => {
  const box = $('.chart', details);
  const section = { details, name: details.dataset.ask, form: $('form', details),
    found: $('.found', details), problem: $('.problem', details), answer: null, turn: 0, timer: 0, pending: false,
    place: box && makePlace(box) };
  details.addEventListener('toggle', () => {
    if (details.open && seen && !section.answer) ask(section);
    else if (details.open && section.answer?.follows === 'step') turnTo(section, step);
  });
  section.form.addEventListener('submit', event => event.preventDefault());
  section.form.addEventListener('input', event => {
    const field = event.target;
    if (field.type === 'range') progress(field);
    if ('reel' in field.dataset) return turnTo(section, Number(field.value));
    clearTimeout(section.timer);
    section.timer = setTimeout(() => ask(section), ['text', 'number'].includes(field.type) ? TYPING : 60);
  });
  section.form.addEventListener('click', event => { // a button that adds one to a number
    const field = section.form.elements[event.target.closest('[data-add]')?.dataset.add];
    if (!field) return;
    const next = Number(field.value) + 1;
    field.value = next > Number(field.max) ? field.min : next;
    ask(section);
  });
  return section;
});

function progress(range) {
  const share = (range.value - range.min) / Math.max(1, range.max - range.min);
  range.style.setProperty('--range_progress', `${100 * share}%`);
  if ('reel' in range.dataset) return;
  const digits = (range.step.split('.')[1] || '').length;
  range.parentElement.querySelector('output').textContent = Number(range.value).toLocaleString(
    document.documentElement.lang, { minimumFractionDigits: digits });
}

function values(form) {
  return Object.fromEntries([...form.elements].filter(field => field.name).map(field => [
    field.name, field.type === 'checkbox' ? field.checked : field.value]));
}

async function ask(section) {
  const mine = ++section.turn;
  const all = turn;
  section.pending = true;
  section.details.setAttribute('aria-busy', 'true');
  const answer = await question(section.name, values(section.form));
  if (mine !== section.turn || all !== turn) return;
  section.pending = false;
  section.details.removeAttribute('aria-busy');
  section.problem.textContent = answer.problem || '';
  section.details.classList.toggle('stale', Boolean(answer.problem));
  if (answer.problem) return;
  section.answer = answer;
  section.found.innerHTML = answer.html;
  if (answer.train) section.found.append(trainButton());
  if (answer.frames) section.found.append(document.createElement('div'));
  const reel = $('[data-reel]', section.form);
  if (section.place) {
    section.place.box.hidden = !answer.figure;
    if (answer.figure) {
      section.place.box.style.height = `${answer.figure.layout.height}px`;
      await section.place.draw(answer.figure);
    }
  }
  if (answer.follows === 'step') turnTo(section, step);
  else if (reel) turnTo(section, Number(reel.value));
  section.details.dataset.answered = mine;
}

// The current frame of an answer with several frames.
function turnTo(section, k) {
  const { answer, found, place, form } = section;
  if (!answer || !section.details.open) return;
  if (answer.frames) found.lastElementChild.innerHTML = answer.frames[k] || '';
  if (answer.labels) {
    const range = $('[data-reel]', form);
    range.max = answer.labels.length - 1;
    range.parentElement.querySelector('output').textContent = answer.labels[k] ?? '';
    range.setAttribute('aria-valuetext', say('epoch {n}', { n: answer.labels[k] }));
    progress(range);
  }
  if (place?.figure && answer.figure) place.move(k);
}

function trainButton() {
  return $('.squeezed button').cloneNode(true);
}

// Opens a section with these values in its form.
function open(name, fields) {
  const section = sections.find(s => s.name === name);
  for (const [field, value] of Object.entries(fields)) {
    const control = section.form.elements[field];
    if (!control) continue;
    if (control.type === 'checkbox') control.checked = value;
    else control.value = value;
    if (control.type === 'range') progress(control);
  }
  section.answer = null; // the values are new
  if (section.details.open) ask(section);
  else section.details.open = true;
  section.details.scrollIntoView({ block: 'nearest' });
  return section;
}

// A click on the bar of a token forces this token.
function force(token) {
  open('force', { step: step - seen.num_read, token });
}

root.addEventListener('click', event => { // a repair, shown in its own section
  const button = event.target.closest('[data-try]');
  if (!button) return;
  const { ask: name, ...fields } = JSON.parse(button.dataset.try);
  if ('step' in fields) go(seen.num_read + fields.step);
  open(name, fields).details.querySelector('summary').focus();
});

$('.nothing button').disabled = false; // from now on, clicks are handled
watch('value', follow);
follow();
