/* The text editor's blocks that are ours: callouts in four degrees, questions with their answers. */
import { Heading as PlainHeading, Node, pm } from "django-prose-editor/editor";

const { NodeRange } = pm.model;
const ANSWER = "(paragraph | list)+";

// Where the caret's block of a type is, if it stands in one.
const around = ({ $from }, name) => {
  for (let depth = $from.depth; depth > 0; depth -= 1) {
    const node = $from.node(depth);
    if (node.type.name === name) return { node, pos: $from.before(depth) };
  }
  return null;
};

// Puts other nodes in a block's place, of the same length as its content; the caret stays.
const replace = (tr, { node, pos }, content) => {
  const { anchor, head } = tr.selection;
  tr.replaceWith(pos, pos + node.nodeSize, content);
  tr.setSelection(pm.state.TextSelection.create(tr.doc, anchor - 1, head - 1));
};

// It keeps its id while it is edited, so that the server can lead links on to its new one.
export const Heading = PlainHeading.extend({
  addAttributes() {
    return { ...this.parent(), id: { default: null, keepOnSplit: false } };
  },
});

export const Callout = Node.create({
  name: "callout",
  group: "block",
  content: "(paragraph | list | heading)+",
  defining: true,

  addOptions() {
    return { heads: {} };
  },

  addAttributes() {
    const parseHTML = ({ classList }) =>
      Object.keys(this.options.heads).find((degree) => classList.contains(`callout--${degree}`));
    return { degree: { default: "note", parseHTML, rendered: false } };
  },

  parseHTML() {
    return [{ tag: "aside.callout" }];
  },

  renderHTML({ node }) {
    return ["aside", { class: `callout callout--${node.attrs.degree}` }, 0];
  },

  // As on the page: with its title, which is not part of the text.
  addNodeView() {
    return ({ node }) => {
      const dom = document.createElement("aside");
      const head = document.createElement("div");
      const contentDOM = document.createElement("div");
      head.contentEditable = "false";
      head.className = "callout__title";
      contentDOM.className = "callout__text";
      dom.append(head, contentDOM);
      const update = ({ type, attrs: { degree } }) => {
        if (type !== node.type) return false;
        dom.className = `callout callout--${degree}`;
        head.innerHTML = this.options.heads[degree];
        return true;
      };
      update(node);
      return { dom, contentDOM, update };
    };
  },

  addCommands() {
    return {
      // Around whole paragraphs and lists; once more takes it away again.
      toggleCallout:
        (degree) =>
        ({ state, tr, dispatch }) => {
          const present = around(state.selection, this.name);
          const { $from, $to } = state.selection;
          const range = new NodeRange($from, $to, 0);
          const wrapping =
            !present && $from.depth && pm.transform.findWrapping(range, this.type, { degree });
          if (!present && !wrapping) return false;
          if (!dispatch) return true;
          if (wrapping) tr.wrap(range, wrapping);
          else if (present.node.attrs.degree === degree) replace(tr, present, present.node.content);
          else tr.setNodeAttribute(present.pos, "degree", degree);
          return true;
        },
    };
  },

  addMenuItems({ menu, buttons }) {
    const icons = { note: "info", "self-care": "home", urgent: "warning", emergency: "report" };
    for (const [degree, icon] of Object.entries(icons)) {
      menu.defineItem({
        name: `callout-${degree}`,
        groups: "blocks",
        button: buttons.material(icon, `callout: ${degree}`),
        active: (editor) => editor.isActive(this.name, { degree }),
        enabled: (editor) => editor.can().toggleCallout(degree),
        command: (editor) => editor.chain().focus().toggleCallout(degree).run(),
      });
    }
  },
});

const QuestionTitle = Node.create({
  name: "questionTitle",
  content: "text*",
  marks: "",
  defining: true,

  parseHTML() {
    return [{ tag: "summary" }];
  },

  renderHTML() {
    return ["summary", 0];
  },

  // A <summary> would fold the answer, and take the space bar for itself.
  addNodeView() {
    return () => {
      const dom = document.createElement("div");
      dom.className = "question__title";
      return { dom, contentDOM: dom };
    };
  },
});

export const Question = Node.create({
  name: "question",
  group: "block",
  content: `questionTitle ${ANSWER}`,
  defining: true,

  addExtensions() {
    return [QuestionTitle];
  },

  parseHTML() {
    return [{ tag: "details" }];
  },

  renderHTML() {
    return ["details", { class: "question" }, 0];
  },

  addNodeView() {
    return () => {
      const dom = document.createElement("div");
      dom.className = "question";
      return { dom, contentDOM: dom };
    };
  },

  addCommands() {
    return {
      // Makes the caret's paragraph or heading the question; once more makes all paragraphs again.
      toggleQuestion:
        () =>
        ({ state, tr, dispatch }) => {
          const { schema } = state;
          const { paragraph, questionTitle } = schema.nodes;
          const present = around(state.selection, this.name);
          const { $from } = state.selection;
          const line = $from.depth === 1 && $from.parent.isTextblock && $from.parent;
          if (!present && !line) return false;
          if (!dispatch) return true;
          if (present) {
            const title = paragraph.create(null, present.node.firstChild.content);
            replace(tr, present, present.node.content.replaceChild(0, title));
          } else {
            const words = line.textContent ? schema.text(line.textContent) : null;
            const title = questionTitle.create(null, words);
            const question = this.type.create(null, [title, paragraph.create()]);
            const start = $from.before();
            tr.replaceWith(start, $from.after(), question);
            tr.setSelection(pm.state.TextSelection.create(tr.doc, start + 2 + title.content.size));
          }
          return true;
        },
    };
  },

  addKeyboardShortcuts() {
    const title = ({ selection: { $from, empty } }) =>
      empty && $from.parent.type.name === "questionTitle" && $from;
    return {
      // From the question to its answer.
      Enter: ({ editor }) => {
        const caret = title(editor.state);
        return caret && editor.commands.setTextSelection(caret.after() + 1);
      },
      Backspace: ({ editor }) => {
        const caret = title(editor.state);
        return caret && !caret.parentOffset && editor.commands.toggleQuestion();
      },
    };
  },

  addMenuItems({ menu, buttons }) {
    menu.defineItem({
      name: "question",
      groups: "blocks",
      button: buttons.material("help_outline", "question and answer"),
      active: (editor) => editor.isActive(this.name),
      enabled: (editor) => editor.can().toggleQuestion(),
      command: (editor) => editor.chain().focus().toggleQuestion().run(),
    });
  },
});
