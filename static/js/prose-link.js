/* The library's link. Typed words become one only from a scheme, www. or an email address, and a
   pasted link keeps its own target, whatever its words are. */
import { Link as PlainLink, PasteRule, Plugin } from "django-prose-editor/editor";

const IS_ADDRESS = /^(?:https?:\/\/|mailto:|tel:|www\.)\S+$|^[^\s@/:]+@[^\s@]+\.[^\s@\d]{2,}$/i;

// The one address that a pasted passage consists of, with the target that it brings along.
const onlyAddress = ({ content }) => {
  const texts = [];
  content.descendants((node) => {
    if (node.isInline) texts.push(node);
  });
  const words = texts.map(({ text }) => text ?? "").join("").trim();
  if (!IS_ADDRESS.test(words)) return null;
  const own = texts[0].marks.find(({ type }) => type.name === "link");
  return own?.attrs.href ?? words;
};

export const Link = PlainLink.extend({
  addOptions() {
    return {
      ...this.parent(),
      defaultProtocol: "https",
      linkOnPaste: false, // it takes the words for the target
      shouldAutoLink: (words) => IS_ADDRESS.test(words),
      // The server completes what the link window takes, and says what it cannot.
      isAllowedUri: (address, { defaultValidate }) =>
        defaultValidate(address) || /^[\w.-]+\.[a-z]+:\d+/i.test(address),
    };
  },

  addPasteRules() {
    return this.parent().map(
      ({ find, handler }) =>
        new PasteRule({
          find,
          handler: (props) =>
            props.state.doc.rangeHasMark(props.range.from, props.range.to, this.type)
              ? null
              : handler(props),
        }),
    );
  },

  addProseMirrorPlugins() {
    // An address pasted over words becomes their link.
    const handlePaste = ({ state, dispatch }, event, slice) => {
      const { empty, from, to } = state.selection;
      const href = empty ? null : onlyAddress(slice);
      if (!href) return false;
      const isEmail = !/^\w+:|^www\./i.test(href);
      const whole = isEmail ? `mailto:${href}` : href.replace(/^www\./i, "https://$&");
      dispatch(state.tr.addMark(from, to, this.type.create({ href: whole })));
      return true;
    };
    return [...this.parent(), new Plugin({ props: { handlePaste } })];
  },
});
