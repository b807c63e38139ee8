// A class: votes on a lesson's question, steps reached, own seeds, cells of a sweep. Placed
// between chart.js and classroom.js, which knows the class. A learner's page asks for news every few
// seconds; `lessons.js` votes through `window.learnersClass`, and names its page in `shownLesson`.

const NEWS_WAIT = 3000; // ms between two requests for news
const NEWS_HIDDEN_WAIT = 15_000;
const SEED = 'seq2seq-class-seed'; // the newest seed that this page has used
const LOST_WAIT = 20_000; // ms, after which a page that the server has forgotten joins again

let key = ''; // of this learner, or of the leader
let leads = false;
let newsTimer = 0;
let newsTurn = 0; // counts classes; news of earlier ones are dropped
let lessonAsked = ''; // chosen by the leader; '' means the newest
let again = ''; // the lesson on which the class votes again
let seed = 0; // that this learner is asked to use

const part = selector => element.querySelector(selector);

// --- a learner ------------------------------------------------------------------------------

function joined(newKey) {
  key = newKey;
  newsTurn += 1;
  clearTimeout(newsTimer);
  window.learnersClass = key ? { vote, hasSeen } : null;
  if (key) news(newsTurn);
  else hint({});
}

async function news(mine) {
  const { lesson = '', step = 0 } = window.shownLesson || {};
  const answer = await server.pulse([key, lesson, step]); // undefined: no connection
  if (mine !== newsTurn) return;
  const wait = document.hidden ? NEWS_HIDDEN_WAIT : NEWS_WAIT;
  if (answer?.gone) {
    newsTimer = setTimeout(() => mine === newsTurn && trigger('gone', {}), LOST_WAIT * Math.random());
    return;
  }
  if (answer?.left) { // on another page: nothing is shown of the class here, either
    joined('');
    name = '';
    part('.class-view').hidden = true;
    open(false);
    return;
  }
  if (answer) hint(answer);
  newsTimer = setTimeout(news, wait, mine);
}

function hasSeen() { // a new page of a lesson
  if (!key) return;
  newsTurn += 1;
  clearTimeout(newsTimer);
  news(newsTurn);
}

async function vote(lesson, choice) {
  const answer = await server.vote([key, lesson, choice]);
  if (answer?.vote) hint(answer);
  return answer || { problem: say('Connection lost. Try again in a moment.') };
}

function hint(answer) {
  if (answer.vote) document.dispatchEvent(new CustomEvent('class-vote', { detail: answer.vote }));
  if ('vote' in answer && !('seed' in answer)) return; // the answer to a vote
  again = answer.again?.lesson || '';
  const shown = window.shownLesson || {};
  if (shown.lesson === again && shown.step === 0) again = '';
  part('.class-again').hidden = !again;
  if (again) part('.class-again span').textContent = answer.again.say;
  seed = answer.seed || 0;
  part('.class-seed').hidden = !seed || sessionStorage.getItem(SEED) === String(seed);
  part('.class-cell').hidden = !answer.cell;
  if (answer.cell) part('.class-cell span').textContent = answer.cell.say;
  if (seed) part('[data-do=seed]').textContent = say('Train with seed {n}', { n: seed });
}

function useSeed() {
  sessionStorage.setItem(SEED, String(seed));
  part('.class-seed').hidden = true;
  trigger('seeded', {});
}

function takeCell() { // the server offers it again if the training could not start
  part('.class-cell').hidden = true;
  trigger('dealt', {});
}

// --- the leader -----------------------------------------------------------------------------

function leading(newKey) {
  key = newKey;
  leads = Boolean(key);
  for (const button of element.querySelectorAll('[data-lead]')) button.hidden = !leads;
  if (!asked.get('sweep')) part('[data-lead=sweep]').hidden = true;
}

// The question, its votes and the steps reached, as HTML that the server has escaped.
function showActivity(found) {
  const { lessons = [], lesson, html = '' } = found;
  part('.class-lesson').hidden = !lessons.length;
  if (!lessons.length) return;
  const menu = part('.class-lesson select');
  const words = JSON.stringify(lessons);
  if (menu.dataset.words !== words) {
    menu.replaceChildren(...lessons.map(([value, text]) => new Option(text, value)));
    menu.dataset.words = words;
  }
  menu.value = lesson;
  if (part('.class-question').innerHTML !== html) part('.class-question').innerHTML = html;
  part('[data-lead=show]').disabled = !found.show;
  part('[data-lead=again]').disabled = !found.again;
}

async function lead(what) {
  const about = what === 'sweep' ? location.search : part('.class-lesson select').value;
  const answer = await server.lead([name, key, what, about]);
  return answer || { problem: say('Connection lost. Try again in a moment.') };
}
