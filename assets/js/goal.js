// The goal in the link: asks which of its conditions the shown run has reached. The server escapes
// all text in its HTML. `live_training.js` tells when the run or its scores have changed.
const goal = new URLSearchParams(location.search).get('goal');
const place = element.querySelector('.goal');
let goalRun = '';
let goalTurn = 0;

async function check() {
  const mine = ++goalTurn;
  const answer = await server.reached([goal, goalRun]);
  if (mine !== goalTurn || !answer) return;
  if (place.innerHTML !== answer.html) place.innerHTML = answer.html;
}

if (goal && document.documentElement.dataset.view !== 'class') {
  place.hidden = false;
  document.addEventListener('run-scores', ({ detail }) => { goalRun = detail; check(); });
  check();
}
