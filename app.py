from driftcore import ui

ui.run()
