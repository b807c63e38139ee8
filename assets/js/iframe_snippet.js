// HTML that embeds one tab or figure of this page in another page. Appended to sharing.js.

const snippetView = element.querySelector('.snippet-view');
const snippetHtml = element.querySelector('#snippet-html');
let snippetQuery = '';
let snippetViews = [];

function writeSnippet() {
  const [name, words, height] = snippetViews.find(([view]) => view === snippetView.value);
  const frame = document.createElement('iframe');
  frame.setAttribute('src', `${location.origin}${location.pathname}?embed=${name}&${snippetQuery}`);
  frame.title = `Seq2seq lab: ${words}`;
  frame.width = '100%';
  frame.height = height;
  frame.setAttribute('allow', 'clipboard-write; microphone');
  frame.setAttribute('style', 'border: 0');
  snippetHtml.value = frame.outerHTML;
}

// The first link that does not name a bug; without one there is nothing to embed.
function offerSnippet(links, views) {
  const link = links.find(({ query, spoiler }) => query && !spoiler);
  element.querySelector('.snippet').hidden = !link;
  if (!link) return;
  const before = snippetView.value;
  snippetQuery = link.query.replace(/^\?/, '');
  snippetViews = views;
  snippetView.replaceChildren(...views.map(([name, words, , ready]) => new Option(
    ready ? say('{view}, of the pre-trained model', { view: words }) : words, name)));
  snippetView.value = before || 'train';
  writeSnippet();
}

snippetView.addEventListener('change', writeSnippet);
const copyHtml = element.querySelector('.copy-html');
copyHtml.addEventListener('click', () => copy(snippetHtml, copyHtml));
