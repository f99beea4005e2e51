"""What a scenario found: one plain table, and which promises were broken."""

from dataclasses import dataclass, field


@dataclass
class Report:
    """A table with a title; numbers stand right, words left.

    Args:
        title: what was measured, and where.
        columns: the heading of each column.
    """

    title: str
    columns: tuple
    rows: list = field(default_factory=list)
    broken: list = field(default_factory=list)

    def add(self, *cells):
        """Add a row; a cell is text, a whole number or a float shown with one digit."""
        self.rows.append(cells)

    def promise(self, is_kept, words):
        """Note a promise as broken unless it is kept."""
        if not is_kept:
            self.broken.append(words)

    def __str__(self):
        table = [self.columns, *([shown(cell) for cell in row] for row in self.rows)]
        widths = [max(len(row[place]) for row in table) for place in range(len(self.columns))]
        is_text = [
            all(isinstance(row[place], str) for row in self.rows)
            for place in range(len(self.columns))
        ]
        lines = [
            "  ".join(
                cell.ljust(width) if text else cell.rjust(width)
                for cell, width, text in zip(row, widths, is_text, strict=True)
            ).rstrip()
            for row in table
        ]
        return "\n".join([self.title, "", *lines, *(f"BROKEN: {one}" for one in self.broken)])


def shown(cell):
    if isinstance(cell, float):
        return f"{cell:,.1f}"
    return f"{cell:,}" if isinstance(cell, int) else cell
