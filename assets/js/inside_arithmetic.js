// The arithmetic: the computation of one number of the picture. Appended to inside.js. The server
// answers with Markdown, which Gradio's component sets; its element is moved into the form's card.

const arithmetic = (() => {
  const details = $('details.arithmetic');
  const form = $('form', details);
  const fields = form.elements;
  const levels = $('.levels', details);
  const back = $('.to-picture', details);
  const forceThis = $('.force-this', details);
  let level = 0;
  let before = []; // the levels on the way to this one
  let origin = null; // the chart that was clicked
  let timer = 0;

  const subject = () => seen?.arithmetic.subjects.find(one => one.key === fields.subject.value);
  const isWriting = () => step >= seen.num_read;

  function fill(select, options, chosen = select.value) {
    select.replaceChildren(...options.map(([value, words]) => new Option(words, value)));
    if (options.some(([value]) => String(value) === String(chosen))) select.value = chosen;
  }

  // The fields and levels of the chosen subject, at this step.
  function arrange() {
    const { key, levels: titles } = subject();
    const available = isWriting() || subject().encoder;
    const show = { head: key === 'attention' && seen.arithmetic.heads.length > 0, place: key === 'attention',
      token: key === 'token', unit: key !== 'token' && (key !== 'attention' || level === 2) };
    for (const [name, on] of Object.entries(show)) fields[name].closest('label').hidden = !on || !available;
    if (isWriting()) fill(fields.token, seen.arithmetic.tokens[step - seen.num_read]);
    levels.replaceChildren(...titles.map((title, i) => {
      const button = document.createElement('button');
      Object.assign(button, { type: 'button', className: 'plain', textContent: `${i + 1}. ${title}` });
      button.dataset.level = i;
      button.setAttribute('aria-pressed', String(i === level));
      return button;
    }));
    levels.hidden = !available;
    $('.computation', details).hidden = !available;
    $('.not-here', details).hidden = available;
    forceThis.hidden = key !== 'token' || !isWriting();
    back.textContent = before.length ? say('← Back to “{title}”', { title: titles[before.at(-1)] }) : say('← Back to the picture');
    return available;
  }

  function request(wait = 0) {
    clearTimeout(timer);
    if (!seen || !details.open || !arrange()) return;
    const mark = document.getElementById('arithmetic');
    if (mark && mark.parentElement !== $('.computation', details)) $('.computation', details).append(mark);
    timer = setTimeout(() => {
      // In the value and not in the event, since Gradio repeats the first event's data when it
      // sends a postponed event (trigger_mode="always_last"), but reads the value again.
      props.value = { ...asked, computation: { ...asked, epoch: seen.epoch,
        values: { ...values(form), step, level } } };
      trigger('compute', {});
    }, wait);
  }

  function turnToLevel(next) {
    level = next;
    request();
  }

  function show(next = fields.subject.value) {
    fill(fields.subject, seen.arithmetic.subjects.map(one => [one.key, one.title]), next);
    fill(fields.head, seen.arithmetic.heads);
    fill(fields.place, seen.arithmetic.places);
    fields.unit.max = seen.arithmetic.units;
    [level, before] = [subject().start, []];
    request();
  }

  // A click on a chart. The computation appears below the charts, for this step.
  function open(box, key, given) {
    if (!seen.arithmetic.subjects.some(one => one.key === key)) return;
    origin = box;
    fields.subject.value = key;
    [level, before] = [subject().start, []];
    arrange();
    for (const [name, value] of Object.entries(given)) fields[name].value = value;
    details.open = true;
    request();
    details.scrollIntoView({ block: 'nearest' });
  }

  details.addEventListener('toggle', () => request());
  form.addEventListener('submit', event => event.preventDefault());
  form.addEventListener('input', event => {
    if (event.target === fields.subject) [level, before] = [subject().start, []];
    request(event.target === fields.unit ? 200 : 0);
  });
  levels.addEventListener('click', event => {
    const button = event.target.closest('[data-level]');
    if (!button || Number(button.dataset.level) === level) return;
    before.push(level);
    turnToLevel(Number(button.dataset.level));
    $(`[data-level="${level}"]`, levels).focus();
  });
  back.addEventListener('click', () => {
    if (before.length) return turnToLevel(before.pop());
    details.open = false;
    (origin || $('.panels.three')).scrollIntoView({ block: 'nearest' });
    $('summary', details).focus({ preventScroll: true });
  });
  forceThis.addEventListener('click', () => force(fields.token.value));

  return { show, open, move: () => request(120) };
})();
