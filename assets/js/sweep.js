// The grid of a sweep: asks for it once a second while it trains. The server escapes all text.
const SWEEP_WAIT = 1000; // ms between two requests
const SWEEP_HIDDEN_WAIT = 5000;
const grid = element.querySelector('.sweep');
let sweepTurn = 0;
let sweepTimer = 0;
let shownTurn = 0;

async function pollSweep(id, mine) {
  const answer = await server.grid(id); // undefined: no connection
  if (mine !== sweepTurn) return;
  if (answer && grid.innerHTML !== answer.html) {
    const { scrollLeft = 0 } = grid.querySelector('.sweep-scroll') || {};
    grid.innerHTML = answer.html;
    const scroll = grid.querySelector('.sweep-scroll');
    if (scroll) scroll.scrollLeft = scrollLeft;
  }
  grid.hidden = false;
  if (answer && !answer.active) return;
  sweepTimer = setTimeout(pollSweep, document.hidden ? SWEEP_HIDDEN_WAIT : SWEEP_WAIT, id, mine);
}

function followSweep() {
  const { id, turn } = props.value || {};
  if (!turn || turn === shownTurn) return;
  shownTurn = turn;
  sweepTurn += 1;
  clearTimeout(sweepTimer);
  grid.hidden = !id;
  if (id) pollSweep(id, sweepTurn);
}

element.addEventListener('click', event => {
  if (event.target.closest('button')) trigger('resumed', {});
});
watch('value', followSweep);
followSweep();
