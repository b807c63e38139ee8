// N-best answers: sends a request when the panel is open and the run or the sequence has changed.
const details = element.querySelector('details');
const found = element.querySelector('.found');
let asked = '';
let turn = 0;

async function ask() {
  const value = props.value || {};
  const key = JSON.stringify([value.run, value.epoch, value.text]);
  if (!value.run || !details.open || key === asked) return;
  const mine = ++turn;
  asked = key;
  found.setAttribute('aria-busy', 'true');
  const answer = await server.n_best({ run: value.run, text: value.text });
  if (mine !== turn) return;
  found.removeAttribute('aria-busy');
  if (answer?.html) found.innerHTML = answer.html;
  else found.textContent = answer?.problem || say('Connection lost. Try again in a moment.');
  if (!answer) asked = '';
}

function follow() {
  if (props.value?.open) details.open = true;
  ask();
}

details.addEventListener('toggle', ask);
watch('value', follow);
follow();
