// JSON lines: fields as columns, and folded out as a tree of text nodes. Bounded in size, depth and count,
// since a log may hold anything.
const MOST_CHARS = 65_536;
const MOST_NODES = 300;
const DEEPEST = 8;
const MOST_TEXT = 4000;
const CELL_CHARS = 300;

export function isJson(text) {
  return text.charCodeAt(0) === 123 && text.charCodeAt(text.length - 1) === 125;
}

export function read(text) {
  if (!isJson(text) || text.length > MOST_CHARS) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

// A field by its path: the name itself first, since "log.level" may be one name.
export function field(value, path) {
  if (value === null || typeof value !== "object") return undefined;
  if (Object.hasOwn(value, path)) return value[path];
  const dot = path.indexOf(".");
  if (dot < 0 || !Object.hasOwn(value, path.slice(0, dot))) return undefined;
  return field(value[path.slice(0, dot)], path.slice(dot + 1));
}

function written(value) {
  if (value === undefined) return "";
  if (typeof value === "string") return value.slice(0, CELL_CHARS);
  try {
    return JSON.stringify(value).slice(0, CELL_CHARS);
  } catch {
    return "…"; // nested deeper than the browser writes
  }
}

export function cells(text, columns) {
  const value = read(text);
  return value && columns.map((path) => written(field(value, path)));
}

function element(tag, name, text) {
  const made = document.createElement(tag);
  made.className = name;
  if (text !== undefined) made.textContent = text;
  return made;
}

// `words`: { more, column, … }; `columns`: the paths shown as such. Buttons have data-column.
export function tree(value, words, columns = []) {
  const budget = { left: MOST_NODES, columns };
  const root = branch(value, "", 0, budget, words);
  if (budget.left <= 0) root.append(element("li", "json-rest", words.more));
  return root;
}

function branch(value, path, depth, budget, words) {
  const list = element("ul", "json-tree");
  for (const [name, child] of Object.entries(value)) {
    budget.left -= 1;
    if (budget.left <= 0) break;
    const item = document.createElement("li");
    const here = path ? `${path}.${name}` : name;
    item.append(element("span", "json-key", name.slice(0, MOST_TEXT)));
    if (child !== null && typeof child === "object") {
      if (depth < DEEPEST) item.append(branch(child, here, depth + 1, budget, words));
      else item.append(element("span", "json-value", written(child)));
    } else {
      item.append(element("span", `json-value json-${child === null ? "null" : typeof child}`, scalar(child)));
      if (!Array.isArray(value)) item.append(columnButton(here, words, budget.columns.includes(here)));
    }
    list.append(item);
  }
  return list;
}

function scalar(value) {
  const text = typeof value === "string" ? value : String(value);
  return text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text;
}

function columnButton(path, words, isShown) {
  const button = element("button", "json-column", isShown ? words.noColumn : words.column);
  button.type = "button";
  button.dataset.column = path;
  button.setAttribute("aria-label", (isShown ? words.dropColumn : words.columnOf).replace("{}", path));
  return button;
}
