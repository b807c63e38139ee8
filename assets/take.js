// Take it home: fetches the zip and hands it to the browser, or says why there is none.
const said = element.querySelector('.said');
let last = props.value?.turn;

function say(sentence, isProblem = false) {
  said.textContent = sentence;
  said.classList.toggle('problem', isProblem);
  said.classList.toggle('hint', !isProblem);
}

async function fetchZip() {
  const { turn, address, name, problem, note } = props.value || {};
  if (!turn || turn === last) return;
  last = turn;
  if (problem) return say(problem, true);
  say('Packing…');
  try {
    const answer = await fetch(address);
    if (!answer.ok) return say((await answer.json()).problem, true);
    const blob = await answer.blob();
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    const size = blob.size < 1e6 ? `${Math.ceil(blob.size / 1e3)} kB` : `${(blob.size / 1e6).toFixed(1)} MB`;
    say(`${name}, ${size}: model, history and a program that trains it again. ${note || ''}`.trim());
  } catch {
    say('No connection to the server. Try again in a moment.', true);
  }
}

watch('value', fetchZip);
