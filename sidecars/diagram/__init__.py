"""The pod as a circuit: topology values -> placed shapes (`layout`) -> SVG (`svg`). Pure."""
