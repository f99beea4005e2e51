/* The library's table, asked for with a head by default: its cells are read aloud with its words. */
import { Table as PlainTable, updateAttrsDialog } from "django-prose-editor/editor";

const ask = updateAttrsDialog(
  {
    rows: { type: "number", title: "Rows", format: "number", min: "1", max: "100" },
    cols: { type: "number", title: "Columns", format: "number", min: "1", max: "100" },
    withHeaderRow: { title: "The first row names the columns", enum: ["Yes", "No"] },
  },
  { title: "Insert a table", submitText: "Insert" },
);

export const Table = PlainTable.extend({
  addCommands() {
    return {
      ...this.parent(),
      insertTableWithOptions:
        () =>
        ({ editor }) => {
          ask(editor, { rows: "3", cols: "3", withHeaderRow: "Yes" }).then((asked) => {
            if (!asked) return;
            const [rows, cols] = [Number(asked.rows) || 3, Number(asked.cols) || 3];
            const withHeaderRow = asked.withHeaderRow === "Yes";
            editor.chain().focus().insertTable({ rows, cols, withHeaderRow }).run();
          });
        },
    };
  },
});
