"""Types real files through the real server as a person would, and measures what was felt and what it cost.

One person, one keyboard and two editors are simulated here; the server is not. The same session runs in real time
against the process on stdio, and in virtual time against the engine in this process (`virtual`), where it is exact.
What is simulated is seeded by place in the text: two servers see the same keys, pauses, slips and errors of the model.

Nothing else in the project knows this package: it is a tool at the edge, like the command line.
"""
